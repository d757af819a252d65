import type { Table } from '../../../src/protocol/messages.ts';
import type { Hunk, Message, Part, PendingItem, ToolCallPart } from '../../../src/protocol/view.ts';

const at = Date.UTC(2026, 10, 20, 9, 30);

export const user = (text: string): Message => ({ role: 'user', at, parts: [{ type: 'text', text }] });
export const assistant = (...parts: readonly Part[]): Message => ({ role: 'assistant', at, parts: [...parts] });
export const says = (text: string): Message => assistant({ type: 'text', text });

export function toolCall(
  options: Partial<ToolCallPart> & { readonly id: string; readonly name: string },
): ToolCallPart {
  return { type: 'toolCall', state: 'completed', title: '', inputText: '{}', output: '', ...options };
}

export const hunks: readonly Hunk[] = [
  {
    oldStart: 41,
    newStart: 41,
    lines: [
      ' export async function retry<T>(task: () => Promise<T>): Promise<T> {',
      '-  for (let i = 0; i < 3; i++) {',
      '+  for (let attempt = 1; attempt <= maxAttempts; attempt++) {',
      '     try {',
      '       return await task();',
      '-    } catch {}',
      '+    } catch (error) {',
      '+      if (attempt === maxAttempts) throw error;',
      '+      await delay(2 ** attempt * 100);',
      '+    }',
      '   }',
      ' }',
    ],
  },
];

const answer = `The failure comes from the retry loop: it swallows the last error, so the test passes or fails with the
scheduler. Three things stand out:

1. \`src/net/retry.ts:41\` drops the error of the **last** attempt.
2. The delay is fixed, so ten workers hit the server at the same moment.
3. \`fetchUser\` never passes its \`AbortSignal\` on.

\`\`\`ts
export async function retry<T>(task: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    try {
      return await task(); // the happy path
    } catch (error) {
      if (attempt === maxAttempts) throw error;
    }
  }
}
\`\`\`

| Run | Before | After |
|:----|-------:|------:|
| quiet machine | 0.3 % | 0 % |
| busy machine | 4.1 % | 0 % |

See [the guide on retries](https://example.com/retries) for the reasoning. I will change it now.`;

/** A conversation that shows every kind of part. */
export const conversation: readonly Message[] = [
  user('The test `retries three times` fails about once a day in CI. Find out why and fix it.'),
  assistant(
    { type: 'reasoning', text: 'The person says once a day. I should look at the retry loop first, then at the test.' },
    { type: 'text', text: "I'll look at the retry loop and at its test." },
    toolCall({
      id: 't1',
      name: 'Grep',
      title: 'retry\\(',
      inputText: '{"pattern":"retry\\\\(","path":"src"}',
      output: 'src/net/retry.ts:41\nsrc/net/fetchUser.ts:12',
      decision: 'allowed without asking: your rule run(git grep) allows it',
    }),
    toolCall({
      id: 't2',
      name: 'Read',
      title: 'src/net/retry.ts',
      inputText: '{"file_path":"src/net/retry.ts"}',
      output: '…',
    }),
    toolCall({
      id: 't3',
      name: 'Bash',
      title: 'npx mocha test/retry.test.ts --retries 0',
      state: 'failed',
      inputText: '{"command":"npx mocha test/retry.test.ts --retries 0","timeout":60000}',
      output:
        '\u001b[1m  retry\u001b[0m\n    \u001b[31m1) retries three times\u001b[0m\n\n  \u001b[32m3 passing\u001b[0m\n  \u001b[31m1 failing\u001b[0m\n',
    }),
  ),
  says(answer),
  assistant(
    toolCall({
      id: 't4',
      name: 'Edit',
      title: 'src/net/retry.ts',
      inputText: '{"file_path":"src/net/retry.ts"}',
      edit: { path: 'src/net/retry.ts', hunks, canOpen: true },
      decision: 'approved once',
    }),
    toolCall({
      id: 't5',
      name: 'Task',
      title: 'Check the other callers of retry()',
      state: 'running',
      inputText: '{}',
    }),
    { type: 'text', text: 'Looking at four callers.', parentId: 't5' },
    toolCall({ id: 't6', name: 'Read', title: 'src/net/fetchUser.ts', parentId: 't5' }),
    toolCall({ id: 't7', name: 'Read', title: 'src/jobs/upload.ts', parentId: 't5', state: 'running' }),
  ),
];

export const approval: PendingItem = {
  kind: 'approval',
  id: 'a1',
  toolCallId: 't8',
  toolName: 'Bash',
  reason: 'Runs a command that is not known to be read-only.',
  subject: 'npm test -- --grep "retries three times" && git commit -am "fix: keep the last error"',
  sessionScope: 'this exact command',
  alwaysScope: 'this exact command',
};

export const editApproval: PendingItem = {
  kind: 'approval',
  id: 'a2',
  toolName: 'Edit',
  reason: 'Edits a file.',
  subject: '/home/me/project/src/net/retry.ts',
  edit: { path: 'src/net/retry.ts', hunks },
};

export const question: PendingItem = {
  kind: 'question',
  id: 'q1',
  questions: [
    {
      question: 'Which back-off shall the retry use?',
      header: 'Back-off',
      multiSelect: false,
      options: [
        { label: 'Exponential', description: '100, 200, 400 ms with jitter' },
        { label: 'Fixed', description: 'As it is today' },
      ],
    },
    {
      question: 'Which callers shall change?',
      multiSelect: true,
      options: [{ label: 'fetchUser' }, { label: 'upload' }],
    },
  ],
};

export const plan: PendingItem = {
  kind: 'plan',
  id: 'p1',
  plan: '## Plan\n\n1. Keep the last error in `src/net/retry.ts`\n2. Pass the signal on\n3. Run the tests twenty times\n\nNothing else changes.',
};

export const bigOutput: Message = assistant(
  toolCall({
    id: 'big',
    name: 'Bash',
    title: 'cat server.log',
    inputText: '{"command":"cat server.log"}',
    output: 'first lines\n… 1,204,221 bytes left out …\nlast lines',
    spilledOutput: { blob: 'blob-1', size: 1_234_567 },
  }),
);

export const notices: Message = {
  role: 'notice',
  at,
  parts: [
    { type: 'notice', level: 'info', text: 'The conversation was compacted: 152k tokens became 18k.', actions: [] },
    {
      type: 'notice',
      level: 'error',
      text: 'Claude Code is not signed in.',
      details: 'exit code 1\nInvalid API key · Please run /login',
      actions: [
        { id: 'login', label: 'Sign in' },
        { id: 'openSettings', label: 'Open settings', argument: 'greenroom.runtimes.claudeCode.command' },
      ],
    },
  ],
};

export const slotTable: Table = {
  columns: ['#', 'ID', 'State', 'Created', 'Summary'],
  rows: [
    ['1', '1f0c9a52', 'needs you, unread', '5m', 'Fix the flaky test in the queue'],
    ['2', '9be1d04c', 'limited until Nov 26, 2:05 PM, unread', '3h', '把登录页面改成新的样式，并补上缺少的测试和文档'],
  ],
};
