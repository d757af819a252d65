import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { Deferred } from '../base/async.ts';
import type { AgentProcess, LaunchSpec, Log, ProcessEnd } from '../core/ports.ts';
import { OutputGate } from './outputGate.ts';
import { OutputMerger } from './outputMerger.ts';
import type { ProcessRecord, ProcessRecords } from './processRecord.ts';
import { markVariable, signalProcess, startTimeOf } from './processTable.ts';
import { endTree } from './processTree.ts';

/** What the program left running gets this long to end by itself once the program has ended. */
const leftoverGraceMs = 200;
/** Pipes close with their last writer; after the whole tree has ended nobody is left to wait for. */
const closePatienceMs = 2000;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A program on three pipes, for where there is no pseudo-terminal or no FIFO. */
export class PipeProcess implements AgentProcess {
  readonly transport = 'pipe';
  readonly transportNote: string;
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  readonly #record: ProcessRecord;
  readonly #child: Child;
  readonly #log: Log;
  readonly #output = new OutputGate();
  readonly #end = new Deferred<ProcessEnd>();
  #startTime: string | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(child: Child, pid: number, record: ProcessRecord, note: string, log: Log) {
    this.pid = pid;
    this.transportNote = note;
    this.ended = this.#end.promise;
    this.#record = record;
    this.#child = child;
    this.#log = log;
    const merger = new OutputMerger((bytes) => {
      this.#output.push(bytes);
    });
    child.stdout.on('data', (bytes: Uint8Array) => merger.output(bytes));
    child.stderr.on('data', (bytes: Uint8Array) => merger.errorOutput(bytes));
    // A failed write is told to its caller.
    child.stdin.on('error', () => undefined);
    const closed = new Deferred<void>();
    child.on('close', () => closed.resolve());
    child.on('exit', (code, signal) => {
      void this.#settle(code ?? (signal === null ? -1 : 128 + constants.signals[signal]), closed.promise, merger);
    });
  }

  /** `wrapper` is put before the command; it must become the program itself. */
  static async start(
    wrapper: readonly string[],
    note: string,
    spec: LaunchSpec,
    records: ProcessRecords,
    log: Log,
  ): Promise<PipeProcess> {
    const [command = spec.command, ...args] = [...wrapper, spec.command, ...spec.args];
    const record = records.begin(path.basename(spec.command));
    try {
      return await PipeProcess.#spawn(command, args, note, spec, record, log);
    } catch (error) {
      // Nothing was started.
      record.gone();
      throw error;
    }
  }

  static async #spawn(
    command: string,
    args: readonly string[],
    note: string,
    spec: LaunchSpec,
    record: ProcessRecord,
    log: Log,
  ): Promise<PipeProcess> {
    const child = spawn(command, args, {
      cwd: spec.cwd,
      env: { ...spec.env, [markVariable]: record.mark },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A session of its own, so that the whole of it can be found.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    if (child.pid !== undefined) {
      record.started(child.pid);
    }
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      if (child.pid !== undefined) {
        resolve(child.pid);
      }
    });
    child.on('error', (error) => log.error('the process reported an error', error));
    const started = new PipeProcess(child, pid, record, note, log);
    started.#startTime = await startTimeOf(pid);
    return started;
  }

  onOutput(listener: (bytes: Uint8Array) => void): void {
    this.#output.open(listener);
  }

  write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.stdin.write(text, (error) => {
        if (error) {
          reject(error);
        } else {
          resolve();
        }
      });
    });
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  interrupt(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      signalProcess(this.pid, 'SIGINT');
    }
    return Promise.resolve();
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#endTree(graceMs).then(async () => {
      await this.ended;
    });
    return this.#stopping;
  }

  async #settle(code: number, closed: Promise<void>, merger: OutputMerger): Promise<void> {
    try {
      await this.#endTree(leftoverGraceMs);
    } catch (error) {
      this.#log.error('what the program left running could not be looked for', error);
    }
    const patience = setTimeout(() => {
      this.#child.stdout.destroy();
      this.#child.stderr.destroy();
    }, closePatienceMs);
    await closed;
    clearTimeout(patience);
    this.#child.stdin.destroy();
    merger.flush();
    this.#end.resolve({ code });
  }

  async #endTree(graceMs: number): Promise<void> {
    const { mark } = this.#record;
    const left = await endTree({ pid: this.pid, startTime: this.#startTime, mark, isOwnChild: true }, graceMs);
    if (left.length > 0) {
      this.#log.error(`could not end the processes ${left.join(', ')}`);
    } else {
      this.#record.gone();
    }
  }
}
