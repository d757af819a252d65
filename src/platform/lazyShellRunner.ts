import type { ShellEvents, ShellProcess, ShellRunner, ShellSpec } from '../core/shells/shellPorts.ts';
import type { NodeShellRunner, ShellRunnerOptions } from './shellRunner.ts';

/** Starts shells as real processes; what drives them is loaded with the first. */
export class LazyShellRunner implements ShellRunner {
  readonly #options: ShellRunnerOptions;
  #runner: NodeShellRunner | undefined;
  #isClosed = false;

  constructor(options: ShellRunnerOptions) {
    this.#options = options;
  }

  async start(spec: ShellSpec, events: ShellEvents): Promise<ShellProcess> {
    const { NodeShellRunner } = await import('./shellRunner.ts');
    this.#runner ??= new NodeShellRunner(this.#options);
    if (this.#isClosed) {
      this.#runner.killAllNow(0);
    }
    return this.#runner.start(spec, events);
  }

  killAllNow(graceMs: number): void {
    this.#isClosed = true;
    this.#runner?.killAllNow(graceMs);
  }
}
