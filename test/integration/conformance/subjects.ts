import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { call, planLimit, type ReplyBlock, say, type Step, think } from '../../modelServer/steps.ts';

/** What a runtime can be brought to do, by a message to it. */
export type Wish =
  | 'answer'
  | 'talk'
  | 'think'
  | 'change'
  | 'read'
  | 'ask'
  | 'work'
  /** The service refuses the request. */
  | 'fail'
  /** The service fails in the middle of its answer, for good. */
  | 'failLate'
  /** The connection breaks in the middle of an answer, the first time. */
  | 'cut'
  /** Nothing comes any more, in the middle of an answer. */
  | 'stall'
  /** The account has used up what it may use. */
  | 'limit';

export interface Subject {
  readonly id: string;
  readonly prompts: Readonly<Partial<Record<Wish, string>>>;
  /** Why there is no such thing for this runtime: each promise that it does not have to keep. */
  readonly without: Readonly<Partial<Record<Wish | 'connection' | 'process', string>>>;
  /** How the model of the script does it; none where no model is at work. */
  readonly model?: {
    /** Changes a file in the folder. */
    readonly change: (folder: string) => ReplyBlock;
    /** Reads something that has this name. */
    readonly read: (folder: string, name: string) => ReplyBlock;
    /** Asks which of `A` and `B`. */
    readonly ask: () => ReplyBlock;
    /** Does something that does not end by itself. */
    readonly work: () => ReplyBlock;
    readonly limit: (resetsAtSeconds: number) => Step;
    /** The environment in which an account has such a limit. */
    readonly limitEnv?: Readonly<Record<string, string>>;
  };
  /** The event with which its work is under way. */
  readonly isWorking: (event: RuntimeEvent) => boolean;
}

const noService = 'no service and no connection: the script is part of the program';

const modelPrompts = Object.fromEntries(
  ['answer', 'talk', 'think', 'change', 'read', 'ask', 'work', 'fail', 'failLate', 'cut', 'stall', 'limit'].map(
    (wish) => [wish, `please ${wish}`],
  ),
);
const which = 'Which one?';
const options = ['A', 'B'].map((label) => ({ label, description: `It is ${label}.` }));

/** A new runtime is one more entry here. */
export const subjects: readonly Subject[] = [
  {
    id: 'demo',
    prompts: {
      answer: 'What can you do?',
      talk: 'markdown',
      think: 'markdown',
      change: 'edit',
      read: 'parallel read',
      ask: 'question',
      work: 'long output',
      failLate: 'error',
    },
    without: {
      fail: 'its script talks before it pretends to fail: see `failLate`',
      cut: noService,
      stall: noService,
      limit: 'nothing that could be used up',
      connection: noService,
      process: 'no process of its own: with the window it ends, and its conversation is a script',
    },
    isWorking: ({ type }) => type === 'toolOutput',
  },
  {
    id: 'anthropic',
    prompts: modelPrompts,
    without: {
      process: 'no process of its own: a torn log is what is left of it, see `unit/runtimes/shared/resuming`',
    },
    model: {
      change: () => call('write', { text: 'changed' }),
      read: (_folder, name) => call('look', { what: name }),
      ask: () => call('ask_user', { questions: [{ question: which, options }] }),
      work: () => call('look', { what: 'forever' }),
      limit: (resetsAtSeconds) => ({
        status: 429,
        errorType: 'rate_limit_error',
        message: 'limit',
        headers: { 'retry-after': String(resetsAtSeconds - Math.floor(Date.now() / 1000)) },
      }),
    },
    isWorking: (event) => event.type === 'toolCallStarted',
  },
  {
    id: 'claude-code',
    prompts: modelPrompts,
    without: {},
    model: {
      change: (folder) => call('Write', { file_path: path.join(folder, 'made.txt'), content: 'changed' }),
      read(folder, name) {
        const file = path.join(folder, name);
        writeFileSync(file, `contents of ${name}\n`);
        return call('Read', { file_path: file });
      },
      ask: () =>
        call('AskUserQuestion', { questions: [{ question: which, header: 'Which', multiSelect: false, options }] }),
      work: () => call('Bash', { command: 'while :; do read -t 0.1 x < /dev/null; done', description: 'Waits' }),
      limit: planLimit,
      limitEnv: { CLAUDE_CODE_OAUTH_TOKEN: 'not-a-token-but-a-dummy', ANTHROPIC_API_KEY: '' },
    },
    isWorking: (event) => event.type === 'toolCallStarted',
  },
];

export const limitSeconds = 7_200;

/** Does what the last message of the person wishes. */
export function scriptFor({ model }: Subject, folder: string): Step {
  const asked = new Map<string, number>();
  return ({ body }) => {
    const messages: readonly { readonly role: string; readonly content: unknown }[] = body.messages ?? [];
    const isResult = JSON.stringify(messages.at(-1) ?? '').includes('"tool_result"');
    const wishes = messages.flatMap((message) => [...JSON.stringify(message).matchAll(/please (\w+)/g)]);
    const wish = wishes.at(-1)?.[1] ?? 'answer';
    const count = (asked.get(wish) ?? 0) + 1;
    asked.set(wish, count);
    if (model === undefined || isResult) {
      return { reply: [say('That is done.')] };
    }
    switch (wish) {
      case 'talk':
        return { reply: [say('word '.repeat(400))], chunkChars: 5, delayMs: 5 };
      case 'think':
        return { reply: [think('I have to think about it.'), say('That was a thought.')] };
      case 'change':
        // At a pace: what comes in one go is told as one.
        return { reply: [say('I change it.'), model.change(folder)], chunkChars: 8, delayMs: 10 };
      case 'read':
        return { reply: [say('I read both.'), model.read(folder, 'a.txt'), model.read(folder, 'b.txt')] };
      case 'ask':
        return { reply: [say('I have to ask.'), model.ask()] };
      case 'work':
        return { reply: [say('I work.'), model.work()] };
      case 'fail':
        return { status: 400, errorType: 'invalid_request_error', message: 'something is wrong with it' };
      case 'failLate':
        return { reply: [say('Half of it is')], fault: { type: 'invalid_request_error', message: 'wrong' } };
      case 'cut':
        return count === 1 ? { reply: [say('Half of it is')], fault: 'cut' } : { reply: [say('All of it is here.')] };
      case 'stall':
        return { reply: [say('And then nothing')], fault: 'stall' };
      case 'limit':
        return model.limit(Math.ceil(Date.now() / 1000) + limitSeconds);
      default:
        return { reply: [say('That is done.')] };
    }
  };
}
