import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync } from 'node:fs';
import path from 'node:path';
import { Deferred } from '../base/async.ts';
import type { AgentProcess, LaunchSpec, Log, ProcessEnd } from '../core/ports.ts';
import { MarkScanner, markingScript } from './endMark.ts';
import { InputFifo } from './inputFifo.ts';
import type { NodePty, PtyHandle } from './nodePty.ts';
import { OutputGate } from './outputGate.ts';
import { PrivateFolder } from './privateFolder.ts';
import type { ProcessRecord, ProcessRecords } from './processRecord.ts';
import { markVariable, signalProcess, startTimeOf } from './processTable.ts';
import { childrenOf, endTree } from './processTree.ts';
import { errnoOf } from './systemErrors.ts';

const columns = 200;
const rows = 50;
/** What the program left running gets this long to end by itself once the program has ended. */
const leftoverGraceMs = 200;
/** The shell prints its mark at once when the program is dead; what it printed before may take time to be read. */
const markPatienceMs = 2000;

/**
 * A program whose output is on a pseudo-terminal and whose input is a FIFO: it dies with its host, since the terminal is
 * its controlling one, and no byte of its output is lost.
 */
export class PtyProcess implements AgentProcess {
  readonly transport = 'pty';
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  readonly #record: ProcessRecord;
  readonly #fifo: InputFifo;
  readonly #folder: PrivateFolder;
  readonly #log: Log;
  readonly #scanner: MarkScanner;
  readonly #output = new OutputGate();
  readonly #end = new Deferred<ProcessEnd>();
  /** Our own handle of the slave: while it is open, the kernel keeps what was not read yet. */
  #slave: number | undefined;
  #startTime: string | undefined;
  #started = false;
  #finished = false;
  #stopping: Promise<void> | undefined;

  private constructor(
    pty: PtyHandle,
    record: ProcessRecord,
    nonce: string,
    fifo: InputFifo,
    folder: PrivateFolder,
    log: Log,
  ) {
    this.pid = pty.pid;
    this.ended = this.#end.promise;
    this.#record = record;
    this.#fifo = fifo;
    this.#folder = folder;
    this.#log = log;
    this.#scanner = new MarkScanner(nonce);
    pty.onData((bytes) => {
      this.#read(bytes);
    });
    pty.on('error', (error) => {
      // EIO is how a terminal ends whose last slave was closed.
      if (errnoOf(error) !== 'EIO') {
        this.#log.error('reading the terminal failed', error);
      }
    });
    pty.onExit(({ exitCode, signal }) => {
      this.#finish(signal === undefined || signal === 0 ? exitCode : 128 + signal);
    });
    this.#slave = openSync(pty.ptsName, constants.O_RDWR | constants.O_NOCTTY);
  }

  static async start(nodePty: NodePty, spec: LaunchSpec, records: ProcessRecords, log: Log): Promise<PtyProcess> {
    const folder = PrivateFolder.create();
    let fifo: InputFifo | undefined;
    try {
      fifo = await InputFifo.create(folder.path);
      const nonce = randomBytes(12).toString('hex');
      const args = ['-c', markingScript, 'sh', fifo.path, nonce, spec.command, ...spec.args];
      const record = records.begin(path.basename(spec.command));
      let pty: PtyHandle | undefined;
      try {
        pty = nodePty.spawn('/bin/sh', args, {
          name: 'xterm-256color',
          cols: columns,
          rows,
          cwd: spec.cwd,
          env: { ...spec.env, [markVariable]: record.mark },
          encoding: null,
        });
        record.started(pty.pid);
        const started = new PtyProcess(pty, record, nonce, fifo, folder, log);
        started.#startTime = await startTimeOf(pty.pid);
        return started;
      } catch (error) {
        if (pty !== undefined) {
          signalProcess(pty.pid, 'SIGKILL');
          await endTree({ pid: pty.pid, startTime: undefined, mark: record.mark, isOwnChild: true }, 0);
        }
        record.gone();
        throw error;
      }
    } catch (error) {
      fifo?.close();
      folder.remove();
      throw error;
    }
  }

  onOutput(listener: (bytes: Uint8Array) => void): void {
    this.#output.open(listener);
  }

  write(text: string): Promise<void> {
    return this.#fifo.write(text);
  }

  endInput(): void {
    this.#fifo.end();
  }

  async interrupt(): Promise<void> {
    for (const pid of await childrenOf(this.pid)) {
      if (!this.#finished) {
        signalProcess(pid, 'SIGINT');
      }
    }
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    if (!this.#finished) {
      // The shell is spared: it tells the exit code, after everything else was read.
      await this.#endTree(graceMs, this.#started ? this.pid : undefined);
      const patience = setTimeout(() => {
        if (!this.#finished) {
          signalProcess(this.pid, 'SIGKILL');
        }
      }, markPatienceMs);
      await this.ended;
      clearTimeout(patience);
    }
    await this.ended;
  }

  #read(bytes: Uint8Array): void {
    if (this.#finished) {
      return;
    }
    for (const part of this.#scanner.push(bytes)) {
      switch (part.kind) {
        case 'bytes':
          this.#output.push(part.bytes);
          break;
        case 'started':
          this.#started = true;
          this.#fifo.unlink();
          this.#folder.remove();
          break;
        case 'ended':
          // It stopped itself after the mark, so the pid is still its own.
          signalProcess(this.pid, 'SIGKILL');
          this.#finish(part.code);
          return;
      }
    }
  }

  #finish(code: number): void {
    if (this.#finished) {
      return;
    }
    this.#finished = true;
    this.#output.push(this.#scanner.flush());
    this.#fifo.close();
    this.#folder.remove();
    void this.#settle(code);
  }

  async #settle(code: number): Promise<void> {
    try {
      await this.#endTree(leftoverGraceMs);
    } catch (error) {
      this.#log.error('what the program left running could not be looked for', error);
    } finally {
      if (this.#slave !== undefined) {
        closeSync(this.#slave);
        this.#slave = undefined;
      }
      this.#end.resolve({ code });
    }
  }

  async #endTree(graceMs: number, spare?: number): Promise<void> {
    const { mark } = this.#record;
    const root = { pid: this.pid, startTime: this.#startTime, mark, isOwnChild: true };
    const left = await endTree(root, graceMs, spare);
    if (left.length > 0) {
      this.#log.error(`could not end the processes ${left.join(', ')}`);
    } else if (spare === undefined) {
      this.#record.gone();
    }
  }
}
