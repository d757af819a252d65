import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { codeDescriptor } from './pipeShell.ts';
import { findExecutable } from './findExecutable.ts';

const probeTimeoutMs = 5000;
const places = ['/usr/bin', '/bin'];

/**
 * The first process of a namespace. It is spared from signals that it does not handle, tells the code of the command when
 * that exits, and goes when it is alone, which is when the namespace ends.
 */
function firstProcess(report: string): string {
  return [
    '"$@"',
    'gr_code=$?',
    report,
    'while :; do',
    '  set -- /proc/[0-9]*',
    '  [ $# -gt 1 ] || break',
    '  sleep 0.1',
    'done',
    'exit "$gr_code"',
  ].join('\n');
}

/** A namespace of pids, into which a program and everything that it starts is shut: it ends as a whole. Linux only. */
export class PidNamespaces {
  #wrapper: readonly string[] | undefined;

  /** What goes before a program, or undefined where this machine does not allow it. Only success is kept. */
  async wrapper(): Promise<readonly string[] | undefined> {
    if (process.platform !== 'linux' || this.#wrapper !== undefined) {
      return this.#wrapper;
    }
    const unshare = findExecutable('unshare', { path: '', places });
    if (unshare === undefined) {
      return undefined;
    }
    const setpriv = findExecutable('setpriv', { path: '', places });
    const wrapper = [
      // The kernel ends it with us, before anybody else could.
      ...(setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--']),
      unshare,
      '--user',
      '--map-current-user',
      '--pid',
      '--mount-proc',
      '--fork',
      '--kill-child',
      '--',
    ];
    try {
      const [program = '', ...args] = wrapper;
      await promisify(execFile)(program, [...args, '/bin/sh', '-c', 'test $$ -eq 1 && test -d /proc/1'], {
        timeout: probeTimeoutMs,
      });
      this.#wrapper = wrapper;
    } catch {
      // Not allowed here, or not now.
    }
    return this.#wrapper;
  }
}

/** For a shell on pipes. */
export function namespacedOnPipes(wrapper: readonly string[], argv: readonly string[]): readonly string[] {
  const script = firstProcess(`echo "$gr_code" >&${codeDescriptor}\nexec ${codeDescriptor}>&-`).replace(
    '"$@"',
    `"$@" ${codeDescriptor}>&-`,
  );
  return [...wrapper, '/bin/sh', '-c', script, 'sh', ...argv];
}

/** For a shell on a terminal, whose end mark carries the code. */
export function namespacedOnTerminal(
  wrapper: readonly string[],
  nonce: string,
  argv: readonly string[],
): readonly string[] {
  const report = String.raw`printf '\036%s E%d\036' ` + `'${nonce}' "$gr_code"`;
  return [...wrapper, '/bin/sh', '-c', firstProcess(report), 'sh', ...argv];
}
