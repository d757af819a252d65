import { accessSync, constants, statSync } from 'node:fs';
import { messageOf, GreenroomError } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import type { AgentProcess, LaunchSpec, Log, ProcessLauncher } from '../core/ports.ts';
import { findExecutable } from './findExecutable.ts';
import type { NodePtyResult } from './nodePty.ts';
import { type ProcessRecords, unrecorded } from './processRecord.ts';

export interface LauncherOptions {
  readonly log: Log;
  /** Where VS Code is installed, for its copy of node-pty. */
  readonly appRoot?: string;
  /** `pipe`: never a pseudo-terminal. */
  readonly transport?: 'pty' | 'pipe';
  /** Where processes are recorded, so that they are found again after a crash. */
  readonly ledger?: ProcessRecords;
}

/** Starts agents: on a pseudo-terminal where there is one, else on pipes. What drives a process is loaded with the first. */
export class NodeProcessLauncher implements ProcessLauncher {
  readonly #options: LauncherOptions;
  #nodePty: NodePtyResult | undefined;

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  async launch(spec: LaunchSpec): Promise<AgentProcess> {
    try {
      requireFolder(spec.cwd);
      requireExecutable(spec.command);
      const found = await this.#choose();
      const { log, ledger = unrecorded } = this.#options;
      if ('pty' in found) {
        const { PtyProcess } = await import('./ptyProcess.ts');
        return await PtyProcess.start(found.pty, spec, ledger, log);
      }
      const { PipeProcess } = await import('./pipeProcess.ts');
      return await PipeProcess.start(dieWithHost(), found.missing, spec, ledger, log);
    } catch (error) {
      throw new GreenroomError({
        code: 'startFailed',
        message: t('"{0}" could not be started: {1}', spec.command, messageOf(error)),
        actions: [],
      });
    }
  }

  async #choose(): Promise<NodePtyResult> {
    if (this.#options.transport === 'pipe') {
      return { missing: t('Pipes are used, as was asked for.') };
    }
    if (process.platform === 'win32') {
      return { missing: t('Pipes are used: Windows has no FIFO for the input.') };
    }
    if (findExecutable('mkfifo', { path: process.env['PATH'] ?? '', places: ['/usr/bin', '/bin'] }) === undefined) {
      return { missing: t('Pipes are used: the program "mkfifo" was not found.') };
    }
    // Only success is kept: what is missing now may be there at the next start.
    if (this.#nodePty === undefined || 'missing' in this.#nodePty) {
      const { loadNodePty } = await import('./nodePty.ts');
      this.#nodePty = loadNodePty(this.#options.appRoot);
    }
    return 'pty' in this.#nodePty
      ? this.#nodePty
      : { missing: t('Pipes are used: no pseudo-terminal could be loaded ({0}).', this.#nodePty.missing) };
  }
}

function requireFolder(cwd: string): void {
  if (!statSync(cwd).isDirectory()) {
    throw new Error(t('"{0}" is no folder', cwd));
  }
}

function requireExecutable(command: string): void {
  accessSync(command, constants.X_OK);
}

/** A wrapper that has the kernel end the program when this host dies. */
function dieWithHost(): readonly string[] {
  const setpriv =
    process.platform === 'linux' ? findExecutable('setpriv', { path: '', places: ['/usr/bin', '/bin'] }) : undefined;
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'HUP', '--'];
}
