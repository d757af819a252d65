// Records what a version of Claude Code prints in scripted scenes, for the unit tests: `recordClaudeStreams.ts CLI [scene]`.
// Lines of type `host` say what we did: `prompt`, `interrupt`.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RuntimeEvent } from '../src/core/sessionEvents.ts';
import { Stage, TestRun } from './integration/claudeCode/harness.ts';
import { call, say, type Step, think } from './modelServer/steps.ts';

const target = path.join(import.meta.dirname, 'fixtures', 'claude');
const [cli = '', wanted] = process.argv.slice(2);

interface Scene {
  readonly steps: (stage: Stage) => readonly Step[];
  readonly env?: Readonly<Record<string, string>>;
  /** Turns to wait for; each prompt after the first is sent when the turn before has ended. */
  readonly prompts?: number;
  readonly turns?: number;
  readonly interruptAt?: RuntimeEvent['type'];
}

const never = new Promise<void>(() => undefined);
const endless = 'while :; do read -t 0.1 x < /dev/null; done';
const subscription = { CLAUDE_CODE_OAUTH_TOKEN: 'not-a-token-but-a-dummy', ANTHROPIC_API_KEY: '' };
const limitHeaders = {
  'anthropic-ratelimit-unified-status': 'rejected',
  'anthropic-ratelimit-unified-reset': '1795163895',
  'anthropic-ratelimit-unified-representative-claim': 'five_hour',
  'anthropic-ratelimit-unified-overage-status': 'rejected',
  'anthropic-ratelimit-unified-5h-status': 'rejected',
  'anthropic-ratelimit-unified-5h-reset': '1795163895',
  'anthropic-ratelimit-unified-5h-utilization': '1',
};

const scenes: Readonly<Record<string, Scene>> = {
  stream: {
    steps: () => [
      {
        reply: [
          think('Let me think about it.'),
          say('I will run it.'),
          call('Bash', { command: 'echo one; exit 3', description: 'Run it' }, 'toolu_1'),
        ],
      },
      { reply: [say('It failed.')] },
    ],
  },
  edit: {
    steps: ({ work }) => [
      { reply: [call('Write', { file_path: `${work}/a.txt`, content: 'one\ntwo\nthree\n' }, 'toolu_1')] },
      {
        reply: [
          call('Edit', { file_path: `${work}/a.txt`, old_string: 'two', new_string: 'TWO' }, 'toolu_2'),
          call('Edit', { file_path: `${work}/a.txt`, old_string: 'nowhere', new_string: 'x' }, 'toolu_3'),
        ],
      },
      { reply: [say('Edited.')] },
    ],
  },
  agent: {
    steps: () => [
      {
        reply: [
          call(
            cli.includes('77') ? 'Task' : 'Agent',
            { subagent_type: 'general-purpose', description: 'Look', prompt: 'SUB', run_in_background: false },
            'toolu_1',
          ),
        ],
      },
      { reply: [call('Bash', { command: 'echo inside', description: 'x' }, 'toolu_2')] },
      { reply: [say('Found it.')] },
      { reply: [say('The agent found it.')] },
    ],
  },
  interruptText: {
    steps: () => [
      { reply: [say('A long text that is not finished.')], pause: { atChunk: 2, until: never } },
      { reply: [say('After it.')] },
    ],
    interruptAt: 'textDelta',
    prompts: 2,
  },
  interruptTool: {
    steps: () => [
      { reply: [call('Bash', { command: endless, description: 'd' }, 'toolu_1')] },
      { reply: [say('After it.')] },
    ],
    interruptAt: 'toolCallStarted',
    prompts: 2,
  },
  background: {
    steps: () => [
      {
        reply: [
          call(
            'Bash',
            { command: 'read -t 0.5 x < /dev/zero; echo over', description: 'w', run_in_background: true },
            'toolu_1',
          ),
        ],
      },
      { reply: [say('Started.')] },
      { reply: [say('It is over.')] },
    ],
    turns: cli.includes('77') ? 1 : 2,
  },
  overloaded: { steps: () => [{ status: 529, errorType: 'overloaded_error', message: 'Overloaded' }] },
  limited: {
    steps: () => [{ status: 429, errorType: 'rate_limit_error', message: 'limit', headers: limitHeaders }],
    env: subscription,
  },
  cut: { steps: () => [{ reply: [say('Half of it is')], fault: 'cut' }, { reply: [say('Now all of it.')] }] },
};

/** Without the long lists that every turn repeats. */
function shortened(line: Record<string, unknown>): unknown {
  const lists = ['slash_commands', 'skills', 'tools', 'capabilities', 'terminal_slash_commands'];
  return line['subtype'] === 'init'
    ? Object.fromEntries(
        Object.entries(line).map(([key, value]) => [
          key,
          lists.includes(key) && Array.isArray(value) ? value.slice(0, 3) : value,
        ]),
      )
    : line;
}

mkdirSync(target, { recursive: true });
for (const [name, scene] of Object.entries(scenes)) {
  if (wanted !== undefined && wanted !== name) {
    continue;
  }
  const stage = new Stage();
  const run = await TestRun.create({
    stage,
    steps: scene.steps(stage),
    ...(scene.env === undefined ? {} : { env: scene.env }),
    context: { command: cli },
  });
  const lines: unknown[] = [{ type: 'host', did: 'prompt' }];
  let version = 'unknown';
  let interrupted = false;
  let prompts = 1;
  let seenEvents = 0;
  void run.until(() => {
    for (; seenEvents < run.events.length; seenEvents++) {
      const event = run.events[seenEvents];
      if (event?.type === 'agentJson' && !/"type":"control_(?:response|request)"/.test(event.data)) {
        lines.push(shortened(JSON.parse(event.data.replaceAll(stage.root, '/stage'))));
      }
      if (event?.type === 'sessionStarted') {
        version = event.version ?? version;
      }
      if (!interrupted && event?.type === scene.interruptAt) {
        interrupted = true;
        lines.push({ type: 'host', did: 'interrupt' });
        void run.runtime.interrupt();
      }
      if ((event?.type === 'turnComplete' || event?.type === 'turnCancelled') && prompts < (scene.prompts ?? 1)) {
        prompts += 1;
        lines.push({ type: 'host', did: 'prompt' });
        setImmediate(() => run.runtime.send('next'));
      }
    }
    return false;
  });
  void run.start();
  await run.untilTurns(scene.turns ?? scene.prompts ?? 1);
  writeFileSync(
    path.join(target, `${name}-${version}.jsonl`),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  console.log(name, version, lines.length);
  await run.close();
}
