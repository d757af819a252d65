import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { ApprovalGate, RunContext, RunResult, Runtime } from '../../../src/core/runtime.ts';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { createHeadless } from '../../host/headless.ts';
import { cleanClaudeEnv } from '../../modelServer/cleanClaudeEnv.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import { call, type ReplyBlock, say, type Step } from '../../modelServer/steps.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';
import { hurriedClock, dummyKey, writeTool } from '../anthropic/harness.ts';
import { claudeCli } from '../claudeCode/harness.ts';

/** What every runtime can be brought to do: to answer, to go on for a while, to change a file. */
export type Wish = 'answer' | 'talk' | 'change';

interface Subject {
  readonly id: string;
  readonly prompts: Readonly<Record<Wish, string>>;
  /** The call with which the model of the script changes something; none where no model is at work. */
  readonly change?: (folder: string) => ReplyBlock;
}

const modelPrompts = { answer: 'please answer', talk: 'please talk', change: 'please change' };

/** A new runtime is one more line here. */
export const subjects: readonly Subject[] = [
  { id: 'demo', prompts: { answer: 'What can you do?', talk: 'markdown', change: 'edit' } },
  { id: 'anthropic', prompts: modelPrompts, change: () => call('write', { text: 'changed' }) },
  {
    id: 'claude-code',
    prompts: modelPrompts,
    change: (folder) => call('Write', { file_path: path.join(folder, 'made.txt'), content: 'changed' }),
  },
];

/** One run of a runtime with all that it needs of the world. */
export class Trial {
  readonly runtime: Runtime;
  readonly context: RunContext;
  readonly events: RuntimeEvent[] = [];
  readonly done = Promise.withResolvers<RunResult>();
  /** Told of each event, after it was kept. */
  onEvent: (event: RuntimeEvent) => void = () => undefined;
  #isStarted = false;
  readonly #server: ModelServer;
  readonly #folder: ReturnType<typeof makeStoreFolder>;
  #listeners: (() => void)[] = [];

  private constructor(
    runtime: Runtime,
    context: RunContext,
    server: ModelServer,
    folder: ReturnType<typeof makeStoreFolder>,
  ) {
    this.runtime = runtime;
    this.context = context;
    this.#server = server;
    this.#folder = folder;
  }

  static async create(subject: Subject, first: Wish, gate: Partial<ApprovalGate> = {}): Promise<Trial> {
    const folder = makeStoreFolder();
    const [home, work, tmp] = ['h', 'w', 't'].map((name) => path.join(folder.root, name)) as [string, string, string];
    for (const made of [home, work, tmp]) {
      mkdirSync(made, { recursive: true });
    }
    const server = await startModelServer({ steps: [scriptFor(subject, work)] });
    const env = cleanClaudeEnv({ home, tmp, url: server.url });
    const host = createHeadless({
      root: path.join(folder.root, 'store'),
      cwd: work,
      command: claudeCli(),
      env,
      demoClock: hurriedClock(20),
      anthropic: { url: server.url, key: dummyKey },
    });
    const kind = host.kindOf(subject.id);
    const context: RunContext = {
      sessionId: 'session',
      run: 1,
      agentName: kind.displayName,
      command: claudeCli(),
      args: [],
      env: Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('CLAUDE_CODE_'))),
      prompt: subject.prompts[first],
      cwd: kind.ownFolder ?? work,
      projectRoot: work,
      inactivityTimeoutSeconds: 60,
      idleSeconds: 60,
      mode: 'ask',
      permissionMode: 'inherit',
      loadProjectSettings: false,
      baseUrl: server.url,
      tools: [writeTool(() => 'written')],
      approvals: {
        judge: () => Promise.resolve({ kind: 'allow', reason: 'the test allows it' }),
        ask: () => Promise.resolve({ kind: 'allow' }),
        askQuestions: () => Promise.resolve(undefined),
        approvePlan: () => Promise.resolve({ kind: 'allow', mode: 'ask' }),
        ...gate,
      },
    };
    return new Trial(await kind.create(), context, server, folder);
  }

  start(): void {
    this.#isStarted = true;
    void this.runtime
      .start(this.context, (event) => {
        this.events.push(event);
        for (const listener of [...this.#listeners]) {
          listener();
        }
        this.onEvent(event);
      })
      .then((result) => this.done.resolve(result));
  }

  /** What a session does with the events, without what is only for the run log. */
  get told(): readonly RuntimeEvent[] {
    return this.events.filter(({ type }) => type !== 'rawOutput' && type !== 'agentJson');
  }

  get ends(): readonly RuntimeEvent[] {
    return this.events.filter(({ type }) => type === 'turnComplete' || type === 'turnCancelled');
  }

  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (isSo()) {
          this.#listeners = this.#listeners.filter((listener) => listener !== look);
          resolve();
        }
      };
      this.#listeners.push(look);
      look();
    });
  }

  async close(): Promise<void> {
    await this.runtime.stop();
    if (this.#isStarted) {
      await this.done.promise;
    }
    await this.#server.close();
    this.#folder.dispose();
  }
}

/** Does what the last message of the person wishes. */
function scriptFor(subject: Subject, folder: string): Step {
  return ({ body }) => {
    const messages: readonly { readonly role: string; readonly content: unknown }[] = body.messages ?? [];
    const isResult = JSON.stringify(messages.at(-1) ?? '').includes('"tool_result"');
    const said = messages
      .map((message) => JSON.stringify(message))
      .findLast((text) => /please (answer|talk|change)/.test(text));
    if (said?.includes('please change') === true && !isResult) {
      return { reply: [say('I change it.'), subject.change?.(folder) ?? say('')] };
    }
    return said?.includes('please talk') === true
      ? { reply: [say('word '.repeat(400))], chunkChars: 5, delayMs: 5 }
      : { reply: [say('That is done.')] };
  };
}
