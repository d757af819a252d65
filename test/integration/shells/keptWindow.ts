import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Clock } from '../../../src/base/clock.ts';
import type { Disposable } from '../../../src/base/lifecycle.ts';
import type { Log } from '../../../src/base/log.ts';
import { Redactor } from '../../../src/core/redact.ts';
import { readLog } from '../../../src/core/shells/readLog.ts';
import type { Shell } from '../../../src/core/shells/shell.ts';
import { ShellRegistry, type StartOptions } from '../../../src/core/shells/shellRegistry.ts';
import { recoverAfterCrash } from '../../../src/platform/crashRecovery.ts';
import { ProcessLedger } from '../../../src/platform/processLedger.ts';
import { ShellLogFolder } from '../../../src/platform/shellLogFolder.ts';
import { NodeShellRunner } from '../../../src/platform/shellRunner.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';

export interface WindowOptions {
  /** For all windows of a test: below it are the ledgers, and what belongs to the one workspace. */
  readonly root: string;
  readonly log: Log;
  /** Empty: none. */
  readonly reaper: string;
  readonly clock?: Clock;
  readonly afterCrash?: 'end' | 'takeBack';
  readonly patienceMs?: number;
  /** A window of another workspace has other storage, and the same ledgers. */
  readonly workspace?: string;
  /** False: another window has the sessions of the workspace. */
  readonly ownsSessions?: boolean;
  readonly sessions?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export const session = '11111111-2222-4333-8444-555555555555';
export const otherSession = '66666666-7777-4888-8999-000000000000';
const graceMs = 200;

/** A window as far as shells go: everything that `extension.ts` builds for them, without an editor. */
export class KeptWindow {
  readonly told: string[] = [];
  readonly warned: string[] = [];
  readonly registry: ShellRegistry;
  readonly runner: NodeShellRunner;
  readonly ledger: ProcessLedger;
  readonly #options: WindowOptions;
  readonly #waiting: Disposable[] = [];

  constructor(options: WindowOptions) {
    this.#options = options;
    const { log, clock = systemClock, afterCrash = 'takeBack', patienceMs = 60_000 } = options;
    const reaping = options.reaper === '' ? {} : { reaper: options.reaper };
    this.ledger = new ProcessLedger({ folder: this.#ledgers, clock, log, graceMs, ...reaping });
    this.runner = new NodeShellRunner({
      log,
      ledger: this.ledger,
      environment: () => options.environment ?? process.env,
      isolation: () => 'group',
      keeping: {
        folder: this.#kept,
        ledgers: this.#ledgers,
        clock,
        log,
        redactor: new Redactor(),
        ...reaping,
        graceMs,
        patienceMs,
        isWanted: () => afterCrash === 'takeBack',
      },
    });
    this.registry = new ShellRegistry({
      clock: systemClock,
      log,
      newId: () => randomBytes(16).toString('hex'),
      runner: this.runner,
      logs: new ShellLogFolder({
        root: path.join(this.#storage, 'shells'),
        limitBytes: () => 10 << 20,
        redactor: new Redactor(),
        clock,
        log,
      }),
      redactor: new Redactor(),
      limits: () => ({
        maxRunning: 8,
        maxRetained: 32,
        unreadLimitBytes: 1 << 20,
        logLimitBytes: 10 << 20,
        killGraceMs: graceMs,
      }),
      onExit: () => 'inject',
    });
  }

  async start(command: string, options: Partial<StartOptions> = {}): Promise<Shell> {
    const started = this.registry.start({ sessionId: session, command, cwd: '/', tty: false, ...options });
    if ('refused' in started) {
      throw new Error(`refused: ${started.refused}`);
    }
    await started.launched;
    return started.shell;
  }

  /** What a window does at its start. */
  async recover(): Promise<readonly Shell[]> {
    const { log, clock = systemClock, afterCrash = 'takeBack', patienceMs = 60_000 } = this.#options;
    const { sessions = [session], ownsSessions = true } = this.#options;
    await recoverAfterCrash({
      folder: this.#kept,
      ledgers: this.#ledgers,
      clock,
      log,
      graceMs,
      patienceMs,
      isWanted: () => afterCrash === 'takeBack',
      ownsSessions,
      holds: (id) => Promise.resolve(sessions.includes(id)),
      open: () => Promise.resolve({ registry: this.registry, runner: this.runner }),
      inform: (sentence) => this.told.push(sentence),
      warn: (sentence) => this.warned.push(sentence),
      own: (waiting) => this.#waiting.push(waiting),
    });
    return this.registry.list().flatMap(({ id }) => this.registry.get(id) ?? []);
  }

  /** As `deactivate` does. */
  async close(): Promise<void> {
    this.#waiting.forEach((waiting) => waiting.dispose());
    this.registry.closeNow(graceMs);
    await this.registry.close();
    await Promise.all([this.ledger.close(), this.runner.kept?.close()]);
  }

  /** What shells have left on the disk so that they could be taken back. */
  keptFolders(): readonly string[] {
    return fs.existsSync(this.#kept) ? fs.readdirSync(this.#kept) : [];
  }

  get #storage(): string {
    return path.join(this.#options.root, this.#options.workspace ?? 'workspace');
  }

  get #kept(): string {
    return path.join(this.#storage, 'kept');
  }

  get #ledgers(): string {
    return path.join(this.#options.root, 'processes');
  }
}

export interface ReadPiece {
  readonly offset: number;
  readonly text: string;
}

/** All that is kept of what a shell has said, with the offsets that it stands at. Only for output of one byte a character. */
export async function readAll(shell: Shell): Promise<readonly ReadPiece[]> {
  const pieces: ReadPiece[] = [];
  for (let offset = 0; ;) {
    const { text, nextOffset, dropped } = await readLog(shell, offset);
    if (nextOffset === offset) {
      return pieces;
    }
    pieces.push({ offset: offset + dropped, text });
    offset = nextOffset;
  }
}
