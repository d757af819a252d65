import { z } from 'zod';
import { DisposableStore, MutableDisposable, toDisposable } from '../../base/lifecycle.ts';
import { decodeUtf8, openCharacterBytes } from '../../base/utf8.ts';
import { resolvePath } from '../paths.ts';
import type { Shell } from '../shells/shell.ts';
import type { Refusal, Started } from '../shells/shellRegistry.ts';
import { statusLabel } from '../shells/shellStatus.ts';
import { readShell } from './readShell.ts';
import type { ShellToolDeps } from './shellToolDeps.ts';
import { defineTool, type Tool, type ToolContext, type ToolOutcome } from './tool.ts';

/** While a command is waited for, the beginning of what it says is shown, so much of it and so often. */
const maxToldBytes = 65_536;
const tellEveryMs = 250;
const maxTimeoutSeconds = 7 * 24 * 3600;

const input = z.object({
  command: z.string().min(1).describe('The command line, for bash.'),
  timeout: z
    .number()
    .max(maxTimeoutSeconds)
    .optional()
    .describe(
      'Seconds. In the foreground: how long to wait before the command is moved to the background. In the background: after this time it is killed. Leave it out for the default, or for no limit in the background.',
    ),
  background: z.boolean().optional().describe('Start it and answer at once; it runs until it exits or is killed.'),
  tty: z.boolean().optional().describe('Run it on a pseudo-terminal, for programs that need one; allows write_stdin.'),
  cwd: z.string().min(1).optional().describe("The directory to run in; the session's own if left out."),
});
type Input = z.infer<typeof input>;

const description = [
  'Runs a command with bash. In the foreground it waits for the command and returns its output and exit code; a command that takes longer than `timeout` seconds is moved to the background, not lost.',
  'With `background: true` it answers at once with an id: read what the shell says with `bash_output`, end it with `kill_shell`. Use it for servers, watchers and long builds instead of `&` or `nohup`.',
  'Output is shortened in the middle when it is long; all of it is stored in a file that the answer names.',
].join('\n');

export function bashTool(deps: ShellToolDeps): Tool {
  return defineTool<Input>({
    name: 'bash',
    description,
    input,
    wants: ({ command, cwd }) => ({
      access: 'execute',
      paths: [],
      command: cwd === undefined ? command : `cd ${quoted(cwd)} && ${command}`,
    }),
    run: (call, context) => {
      if (call.timeout !== undefined && call.timeout <= 0) {
        return Promise.resolve(failed('timeout must be more than 0 seconds; leave it out for the default'));
      }
      return call.background === true ? runInBackground(deps, call, context) : runInForeground(deps, call, context);
    },
  });
}

async function runInBackground({ registry }: ShellToolDeps, call: Input, context: ToolContext): Promise<ToolOutcome> {
  const { timeout } = call;
  const started = registry.start({
    ...specOf(call, context),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
  });
  if ('refused' in started) {
    return failed(refusalText(started));
  }
  const { shell, launched } = started;
  await launched;
  if (shell.status.kind === 'failed') {
    shell.hasToldEnd = true;
    return failed(`[shell ${shell.id} — ${statusLabel(shell.status)}]`);
  }
  const until = timeout === undefined ? 'runs until it exits or you kill it' : `auto-killed after ${timeout} s`;
  return {
    text: `background shell started — id: ${shell.id} (${until})\n${howToGoOn(shell)}`,
    isError: false,
  };
}

async function runInForeground(deps: ShellToolDeps, call: Input, context: ToolContext): Promise<ToolOutcome> {
  const { registry } = deps;
  const started = registry.startForeground(specOf(call, context));
  if ('refused' in started) {
    return failed(refusalText(started));
  }
  const { shell } = started;
  const seconds = call.timeout ?? deps.defaultTimeoutSeconds();
  const ending = await waitFor(deps, started, seconds * 1000, context);
  if (ending === 'cancelled') {
    await shell.kill();
    return finish(deps, shell, 'the command was ended, because the turn was cancelled');
  }
  if (!shell.isActive) {
    return finish(deps, shell, undefined);
  }
  const why =
    ending === 'timeUp'
      ? `the command still runs after ${seconds} s`
      : `the command has exited with code ${shell.exitCode ?? 'unknown'}, but processes that it started still run`;
  const refusal = registry.moveToBackground(shell);
  if (refusal !== undefined) {
    await shell.kill();
    return finish(deps, shell, `${why}; it was ended: ${refusalText(refusal)}`);
  }
  const { text } = await readShell(shell, { matchLines: deps.matchLines });
  return {
    text: joined(text, `[${why}; it was moved to the background — id: ${shell.id}]\n${howToGoOn(shell)}`),
    isError: false,
  };
}

/** `settled`: the command has exited, or could not be started. */
async function waitFor(
  { clock }: ShellToolDeps,
  { shell, launched }: Started,
  timeoutMs: number,
  { signal, progress }: ToolContext,
): Promise<'settled' | 'timeUp' | 'cancelled'> {
  await launched;
  const store = new DisposableStore();
  const telling = store.add(new MutableDisposable());
  let toldBytes = 0;
  const tell = (): void => {
    telling.value = undefined;
    const beginning = shell.output.copy(0, maxToldBytes);
    toldBytes = beginning.length;
    progress(decodeUtf8(beginning.subarray(0, toldBytes - openCharacterBytes(beginning))));
  };
  try {
    return await new Promise((resolve) => {
      const look = (): void => {
        if (shell.status.kind !== 'running') {
          resolve('settled');
        } else if (telling.value === undefined && toldBytes < Math.min(shell.output.end, maxToldBytes)) {
          telling.value = clock.after(tellEveryMs, tell);
        }
      };
      const cancel = (): void => resolve('cancelled');
      if (signal.aborted) {
        cancel();
      }
      signal.addEventListener('abort', cancel, { once: true });
      store.add(toDisposable(() => signal.removeEventListener('abort', cancel)));
      store.add(clock.after(timeoutMs, () => resolve('timeUp')));
      store.add(shell.onActivity(look));
      look();
    });
  } finally {
    store.dispose();
  }
}

/** The answer for a command that has ended, of which nothing is left but its stored output, if the answer names that. */
async function finish(
  { registry, matchLines }: ShellToolDeps,
  shell: Shell,
  note: string | undefined,
): Promise<ToolOutcome> {
  const { text, namesLog } = await readShell(shell, { matchLines, isLast: true });
  registry.finishForeground(shell, namesLog);
  const { status } = shell;
  const end =
    status.kind === 'exited'
      ? `exit code: ${status.code}`
      : status.kind === 'leftRunning'
        ? `could not end all processes of background shell ${shell.id}: ${status.pids.join(', ')}`
        : statusLabel(status);
  return {
    text: joined(text, note === undefined ? `[${end}]` : `[${end}] ${note}`),
    isError: status.kind !== 'exited' || status.code !== 0 || note !== undefined,
  };
}

function specOf({ command, cwd, tty }: Input, context: ToolContext) {
  return {
    sessionId: context.sessionId,
    command,
    cwd: cwd === undefined ? context.cwd : resolvePath(context.cwd, cwd),
    tty: tty === true,
  };
}

function howToGoOn(shell: Shell): string {
  const write = shell.options.tty ? ` Write to its terminal with write_stdin {"id": "${shell.id}", "text": "…"}.` : '';
  return `Read its output with bash_output {"id": "${shell.id}"}; stop it with kill_shell {"id": "${shell.id}"}.${write}`;
}

function refusalText(refusal: Refusal): string {
  switch (refusal.refused) {
    case 'capReached':
      return `background shell cap reached (${refusal.running} running). Stop one with kill_shell, or run inline (background=false).`;
    case 'closing':
      return 'no command can be started: the session is closing';
    case 'tooMany':
      return `too many commands are waited for (${refusal.running}); wait until some of them have ended`;
    case 'duplicate':
      return `a background shell with id "${refusal.id}" exists already; try again`;
  }
}

function failed(text: string): ToolOutcome {
  return { text, isError: true };
}

function joined(output: string, end: string): string {
  return output === '' || output.endsWith('\n') ? output + end : `${output}\n${end}`;
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
