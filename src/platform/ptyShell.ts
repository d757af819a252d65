import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Deferred } from '../base/async.ts';
import type { KillResult, ShellProcess } from '../core/shells/shellPorts.ts';
import { barrierMark, MarkScanner, terminalScript } from './endMark.ts';
import type { NodePty, PtyHandle } from './nodePty.ts';
import type { ShellLaunch } from './pipeShell.ts';
import { isAlive, signalEntry, signalProcess } from './processTable.ts';
import { ShellLife, type ShellOutlet } from './shellLife.ts';
import { ShellTree } from './shellTree.ts';
import { TerminalInput } from './terminalInput.ts';
import { errnoOf } from './systemErrors.ts';

const columns = 120;
const rows = 30;
/** Output that has come is read within a few turns of the event loop; so long without any means that there is none. */
const quietMs = 20;
const pollMs = 5;
/** Who is killed is gone at once, unless the kernel holds it. */
const leaderPatienceMs = 1000;

export interface PtyLaunch extends Omit<ShellLaunch, 'argv'> {
  /** The program and its arguments; `nonce` is what an end mark has to carry. */
  readonly argv: (nonce: string) => readonly string[];
}

/**
 * A shell on a pseudo-terminal, which is its input too. A shell of ours waits beside it, holds the terminal and tells the
 * exit code behind the last byte of output; it goes when nothing else of the shell lives.
 */
export class PtyShell implements ShellProcess {
  readonly pid: number;
  readonly tree: ShellTree;
  readonly life: ShellLife;
  readonly #pty: PtyHandle;
  readonly #input: TerminalInput;

  private constructor(pty: PtyHandle, slave: number, nonce: string, launch: PtyLaunch) {
    const { isNamespace, record, pacer, events, log } = launch;
    this.pid = pty.pid;
    this.#pty = pty;
    this.#input = new TerminalInput(pty.fd);
    this.tree = new ShellTree({ pid: pty.pid, mark: record.mark, sparesLeader: true, isNamespace });
    const outlet = new PtyOutlet(
      slave,
      nonce,
      () => this.#endLeader(),
      () => this.tree.root.isOwnChild && isAlive(pty.pid),
    );
    this.life = new ShellLife({
      tree: this.tree,
      outlet,
      events,
      record,
      log,
      onStuck: () => this.#endLeader(),
    });
    const scanner = new MarkScanner(nonce);
    const paced = pacer.source(pty);
    pty.onData((bytes) => {
      paced.took(bytes.length);
      outlet.touch();
      for (const part of scanner.push(bytes)) {
        if (part.kind === 'bytes') {
          events.output(part.bytes, false);
        } else if (part.kind === 'ended') {
          outlet.sawEnd();
          this.life.exited(part.code);
        } else {
          outlet.sawBarrier();
        }
      }
    });
    pty.on('close', () => this.#input.close());
    pty.on('error', (error) => {
      this.#input.close();
      // EIO is how a terminal ends whose last slave was closed.
      if (errnoOf(error) !== 'EIO') {
        events.readFailed(String(error));
      }
    });
    pty.onExit(({ exitCode, signal }) => {
      paced.end();
      this.#input.close();
      this.tree.leaderIsGone();
      const held = scanner.flush();
      if (held.length > 0) {
        events.output(held, false);
      }
      this.life.exited(signal === undefined || signal === 0 ? exitCode : 128 + signal);
    });
  }

  static start(nodePty: NodePty, launch: PtyLaunch): PtyShell {
    const { argv, cwd, env, record } = launch;
    const nonce = randomBytes(12).toString('hex');
    const args = ['-c', terminalScript, 'sh', nonce, ...argv(nonce)];
    const pty = nodePty.spawn('/bin/sh', args, {
      name: 'xterm-256color',
      cols: columns,
      rows,
      cwd,
      env,
      encoding: null,
    });
    record.started(pty.pid);
    let slave: number;
    try {
      // While it is open, the kernel keeps what was not read yet.
      slave = openSync(pty.ptsName, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    } catch (error) {
      signalProcess(pty.pid, 'SIGKILL');
      throw error;
    }
    return new PtyShell(pty, slave, nonce, launch);
  }

  kill(graceMs: number): Promise<KillResult> {
    return this.life.kill(graceMs);
  }

  write(text: string): Promise<void> {
    try {
      this.#input.write(text);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  resize(width: number, height: number): void {
    if (!this.#input.isClosed && width > 0 && height > 0) {
      this.#pty.resize(width, height);
    }
  }

  /** Its work is done. It is still ours: it stopped itself, or nobody has waited for it. */
  #endLeader(): void {
    const { pid, startTime, isOwnChild } = this.tree.root;
    if (isOwnChild && startTime !== undefined) {
      signalEntry({ pid: pid ?? 0, startTime }, 'SIGKILL');
    }
  }
}

class PtyOutlet implements ShellOutlet {
  readonly #slave: number;
  readonly #nonce: string;
  readonly #endLeader: () => void;
  readonly #isLeaderAlive: () => boolean;
  /** The end mark was read, and so was everything before it. */
  #isAtEndMark = false;
  #barrier: Deferred<void> | undefined;
  #touchedMs = 0;

  constructor(slave: number, nonce: string, endLeader: () => void, isLeaderAlive: () => boolean) {
    this.#slave = slave;
    this.#nonce = nonce;
    this.#endLeader = endLeader;
    this.#isLeaderAlive = isLeaderAlive;
  }

  touch(): void {
    this.#touchedMs = performance.now();
  }

  sawEnd(): void {
    this.#isAtEndMark = true;
  }

  sawBarrier(): void {
    this.#barrier?.resolve();
  }

  async drain(patienceMs: number): Promise<void> {
    if (this.#isAtEndMark) {
      // What comes behind the mark is of processes that were left running.
      this.#isAtEndMark = false;
      return;
    }
    const deadline = performance.now() + patienceMs;
    if (await this.#passBarrier(deadline)) {
      return;
    }
    this.touch();
    while (performance.now() - this.#touchedMs < quietMs && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  async close(): Promise<void> {
    this.#endLeader();
    closeSync(this.#slave);
    const deadline = performance.now() + leaderPatienceMs;
    while (this.#isLeaderAlive() && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** A mark of our own, behind everything that was written: when it is read, all of that was. False: it cannot be written. */
  async #passBarrier(deadline: number): Promise<boolean> {
    this.#barrier = new Deferred();
    for (;;) {
      try {
        writeSync(this.#slave, barrierMark(this.#nonce));
        break;
      } catch (error) {
        // The terminal is full: we have to read first.
        if (errnoOf(error) !== 'EAGAIN' || performance.now() > deadline) {
          return false;
        }
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    }
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), Math.max(0, deadline - performance.now()));
    });
    const hasPassed = await Promise.race([this.#barrier.promise.then(() => true), patience]);
    clearTimeout(timer);
    return hasPassed;
  }
}
