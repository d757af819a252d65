import { statSync } from 'node:fs';
import path from 'node:path';
import { t } from '../base/l10n.ts';
import type { Log } from '../base/log.ts';
import type { OwnedShellSpec, ShellEvents, ShellProcess, ShellRunner } from '../core/shells/shellPorts.ts';
import { findExecutable } from './findExecutable.ts';
import type { KeptFiles } from './keptFiles.ts';
import { KeptShell } from './keptShell.ts';
import { type KeepingOptions, KeptShells } from './keptShells.ts';
import { loadNodePty, type NodePty } from './nodePty.ts';
import { namespacedOnPipes, namespacedOnTerminal, PidNamespaces } from './pidNamespace.ts';
import { PipeShell, type ShellLaunch } from './pipeShell.ts';
import { type ProcessRecords, unrecorded } from './processRecord.ts';
import { markVariable } from './processTable.ts';
import { endTreesNow } from './processTree.ts';
import { PtyShell } from './ptyShell.ts';
import { ReadPacer } from './readPacer.ts';
import { shellEnvironment } from './shellEnvironment.ts';

export interface ShellRunnerOptions {
  readonly log: Log;
  /** Where processes are recorded, so that they are found again after a crash. */
  readonly ledger?: ProcessRecords;
  /** Where VS Code is installed, for its copy of node-pty. */
  readonly appRoot?: string;
  readonly environment: () => Readonly<Record<string, string | undefined>>;
  /** `namespace`: each shell is shut into a namespace of pids, where the machine allows it. */
  readonly isolation: () => 'group' | 'namespace';
  /** Of shells that a later window could take back. */
  readonly keeping?: KeepingOptions;
}

type RunningShell = PipeShell | PtyShell | KeptShell;

/** Starts shells as real processes, and knows those that live. */
export class NodeShellRunner implements ShellRunner {
  readonly kept: KeptShells | undefined;
  readonly #options: ShellRunnerOptions;
  readonly #pacer = new ReadPacer();
  readonly #namespaces = new PidNamespaces();
  readonly #running = new Set<RunningShell>();
  #isClosed = false;

  constructor(options: ShellRunnerOptions) {
    this.#options = options;
    this.kept = options.keeping === undefined ? undefined : new KeptShells(options.keeping);
  }

  async start(spec: OwnedShellSpec, events: ShellEvents): Promise<ShellProcess> {
    if (!statSync(spec.cwd).isDirectory()) {
      throw new Error(t('"{0}" is no folder', spec.cwd));
    }
    const wrapper = this.#options.isolation() === 'namespace' ? await this.#namespaces.wrapper() : undefined;
    if (wrapper === undefined && this.#options.isolation() === 'namespace') {
      this.#options.log.warn('this machine allows no namespace of pids: the shell is ended by its group and its mark');
    }
    const files = spec.tty || this.#options.isolation() === 'namespace' ? undefined : await this.kept?.prepare(spec.id);
    if (this.#isClosed) {
      files?.remove();
      throw new Error(t('Greenroom is closing.'));
    }
    return this.#track(await this.#launch(spec, { wrapper, files }, events));
  }

  /** Goes on with a shell of an earlier window. */
  takeBack(adopt: (pacer: ReadPacer) => KeptShell): ShellProcess {
    if (this.#isClosed) {
      throw new Error(t('Greenroom is closing.'));
    }
    return this.#track(adopt(this.#pacer));
  }

  killAllNow(graceMs: number): void {
    this.#isClosed = true;
    for (const shell of this.#running) {
      if (shell instanceof KeptShell) {
        shell.noteEnding();
      }
    }
    const trees = [...this.#running].map(({ tree }) => tree);
    const left = endTreesNow(
      trees.map(({ root }) => root),
      { graceMs, holders: new Set(trees.flatMap(({ holders }) => holders)) },
    );
    if (left.length > 0) {
      this.#options.log.error(`could not end the processes ${left.map(({ pid }) => pid).join(', ')}`);
    }
  }

  #track(shell: RunningShell): RunningShell {
    this.#running.add(shell);
    void shell.life.ended.then(() => this.#running.delete(shell));
    return shell;
  }

  async #launch(
    spec: OwnedShellSpec,
    { wrapper, files }: { readonly wrapper: readonly string[] | undefined; readonly files: KeptFiles | undefined },
    events: ShellEvents,
  ): Promise<RunningShell> {
    const { log, ledger = unrecorded, environment } = this.#options;
    const argv = shellFor(spec.command);
    if (files !== undefined && this.kept !== undefined) {
      const env = shellEnvironment(environment(), false);
      return this.kept.start(spec, files, { argv, env, pacer: this.#pacer, events });
    }
    const nodePty = spec.tty ? this.#nodePty() : undefined;
    const record = ledger.begin('shell');
    const launch: Omit<ShellLaunch, 'argv'> = {
      cwd: spec.cwd,
      env: { ...shellEnvironment(environment(), spec.tty), [markVariable]: record.mark },
      isNamespace: wrapper !== undefined,
      record,
      pacer: this.#pacer,
      events,
      log,
    };
    try {
      if (nodePty !== undefined) {
        const onTerminal = (nonce: string): readonly string[] =>
          wrapper === undefined ? argv : namespacedOnTerminal(wrapper, nonce, argv);
        return PtyShell.start(nodePty, { ...launch, argv: onTerminal });
      }
      return await PipeShell.start({
        ...launch,
        argv: wrapper === undefined ? argv : namespacedOnPipes(wrapper, argv),
      });
    } catch (error) {
      record.gone();
      throw error;
    }
  }

  #nodePty(): NodePty {
    const found = loadNodePty(this.#options.appRoot);
    if ('missing' in found) {
      throw new Error(t('no pseudo-terminal could be loaded ({0})', found.missing));
    }
    return found.pty;
  }
}

/** Bash where there is one: it is what models write for. */
function shellFor(command: string): readonly string[] {
  const places = ['/bin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
  const bash = findExecutable('bash', { path: process.env['PATH'] ?? '', places });
  if (process.platform !== 'win32') {
    return [bash ?? '/bin/sh', '-c', command];
  }
  const system = path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32');
  // The one in the system's folder starts another system.
  return bash === undefined || bash.toLowerCase().startsWith(system.toLowerCase())
    ? [path.join(system, 'cmd.exe'), '/d', '/s', '/c', command]
    : [bash, '-c', command];
}
