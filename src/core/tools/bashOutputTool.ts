import { z } from 'zod';
import { DisposableStore, toDisposable } from '../../base/lifecycle.ts';
import type { Shell } from '../shells/shell.ts';
import { isActive, statusLabel } from '../shells/shellStatus.ts';
import { readShell } from './readShell.ts';
import type { ShellToolDeps } from './shellToolDeps.ts';
import { defineTool, type Tool } from './tool.ts';

const maxWaitMs = 600_000;

const input = z.object({
  id: z.string().describe('The id that bash answered with.'),
  wait_ms: z
    .number()
    .min(0)
    .max(maxWaitMs)
    .optional()
    .describe('Wait up to so many milliseconds until there is new output or the shell ends.'),
  filter: z.string().min(1).optional().describe('A regular expression: only lines that match are shown.'),
});

const description = [
  'Returns what a background shell has said since the last call, and its status: `running`, `exited(code)`, `killed`, `failed: reason`, or `left running` when the shell itself has exited and processes that it started live on.',
  'Poll it while the shell runs, with `wait_ms` rather than in a tight loop; stop the shell with `kill_shell`.',
].join('\n');

export function bashOutputTool({ registry, clock, matchLines }: ShellToolDeps): Tool {
  return defineTool<z.infer<typeof input>>({
    name: 'bash_output',
    description,
    input,
    // It may wait: other calls go on beside it.
    isReadOnly: true,
    wants: () => ({ access: 'internal', paths: [] }),
    run: async ({ id, wait_ms: waitMs = 0, filter }, { sessionId, signal }) => {
      const shell = registry.get(id, sessionId);
      if (shell === undefined) {
        return { text: `no background shell with id "${id}" (it may have been evicted)`, isError: true };
      }
      if (waitMs > 0) {
        await waitForNews(shell, (run) => clock.after(waitMs, run), signal);
      }
      const { text, problem } = await readShell(shell, { matchLines, ...(filter === undefined ? {} : { filter }) });
      if (problem !== undefined) {
        return { text: `the filter cannot be used: ${problem}`, isError: true };
      }
      const { status } = shell;
      if (!isActive(status)) {
        shell.hasToldEnd = true;
      }
      const alive =
        status.kind === 'leftRunning'
          ? `(the shell has exited with code ${status.code ?? 'unknown'}; still running: ${status.pids.join(', ')})\n`
          : '';
      return { text: `[shell ${id} — ${statusLabel(status)}]\n${alive}${text || '(no new output)'}`, isError: false };
    },
  });
}

async function waitForNews(
  shell: Shell,
  after: (run: () => void) => { dispose(): void },
  signal: AbortSignal,
): Promise<void> {
  const store = new DisposableStore();
  try {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (shell.unread.pendingBytes > 0 || !shell.isActive || signal.aborted) {
          resolve();
        }
      };
      store.add(after(resolve));
      store.add(shell.onActivity(look));
      signal.addEventListener('abort', look, { once: true });
      store.add(toDisposable(() => signal.removeEventListener('abort', look)));
      look();
    });
  } finally {
    store.dispose();
  }
}
