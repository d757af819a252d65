import fs from 'node:fs';
import path from 'node:path';
import { SerialQueue } from '../base/async.ts';
import type { Log } from '../base/log.ts';
import type { Clock, RunLog } from '../core/ports.ts';
import { type RedactedStream, Redactor } from '../core/redact.ts';
import { fileMode, folderMode, isSessionId, StorePaths } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** Two files of this size are kept for a session: the newest lines, and those before them. */
const maxFileBytes = 1 << 20;
/** It is for looking things up, not for safety: lines are collected. */
const writeDelayMs = 500;
/** A line with an image in it helps nobody; its beginning says what it was. */
const maxLineLength = 16_384;
/** What is collected for a session while the disk is busy. */
const maxPendingLength = 512 << 10;

export interface RunLogFilesOptions {
  /** The folder of the workspace's store. */
  readonly root: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Values that must not be written, beside what looks like a secret anyway. */
  readonly secrets?: readonly string[];
  readonly maxFileBytes?: number;
}

interface Pending {
  redaction: RedactedStream;
  text: string;
  droppedLines: number;
  run: number;
  /** Second in which the last line came; a new one gets a line of its own that says the time. */
  second: number;
}

/** The raw output of each session's runs in two rotating files, without secrets. A failure to write is said once. */
export class RunLogFiles implements RunLog {
  readonly #paths: StorePaths;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #secrets: Set<string>;
  #redactor: Redactor;
  readonly #maxFileBytes: number;
  readonly #pending = new Map<string, Pending>();
  readonly #queue = new SerialQueue();
  #isScheduled = false;
  #hasFailed = false;

  constructor(options: RunLogFilesOptions) {
    this.#paths = new StorePaths(options.root);
    this.#clock = options.clock;
    this.#log = options.log;
    this.#secrets = new Set(options.secrets);
    this.#redactor = new Redactor([...this.#secrets]);
    this.#maxFileBytes = options.maxFileBytes ?? maxFileBytes;
  }

  hide(secrets: readonly string[]): void {
    const unknown = secrets.filter((secret) => !this.#secrets.has(secret));
    if (unknown.length === 0) {
      return;
    }
    for (const secret of unknown) {
      this.#secrets.add(secret);
    }
    this.#redactor = new Redactor([...this.#secrets]);
    for (const pending of this.#pending.values()) {
      pending.text += pending.redaction.end();
      pending.redaction = this.#redactor.stream();
    }
  }

  append(sessionId: string, run: number, line: string): void {
    if (!isSessionId(sessionId)) {
      return;
    }
    const pending = this.#pendingOf(sessionId);
    if (pending.text.length > maxPendingLength) {
      pending.droppedLines += 1;
      return;
    }
    const now = this.#clock.now();
    const second = Math.floor(now / 1000);
    if (run !== pending.run || second !== pending.second) {
      pending.text += pending.redaction.push(`--- ${new Date(now).toISOString()} run ${run}\n`);
      pending.run = run;
      pending.second = second;
    }
    const surplus = line.length - maxLineLength;
    const shown = surplus > 0 ? `${this.#redactor.head(line, maxLineLength)} [… ${surplus} characters more]` : line;
    pending.text += pending.redaction.push(`${shown}\n`);
    this.#schedule();
  }

  /** Writes everything that came so far, also what might have gone on to be a secret. */
  async flush(): Promise<void> {
    for (const pending of this.#pending.values()) {
      pending.text += pending.redaction.end();
    }
    await this.#writeAll();
  }

  #writeAll(): Promise<void> {
    return this.#queue.run(async () => {
      for (const [id, pending] of this.#pending) {
        const dropped = pending.droppedLines === 0 ? '' : `--- ${pending.droppedLines} lines were dropped\n`;
        const text = pending.text + dropped;
        pending.text = '';
        pending.droppedLines = 0;
        if (pending.redaction.isEmpty) {
          this.#pending.delete(id);
        }
        if (text !== '') {
          await this.#write(id, text);
        }
      }
    });
  }

  #pendingOf(id: string): Pending {
    let pending = this.#pending.get(id);
    if (pending === undefined) {
      pending = { redaction: this.#redactor.stream(), text: '', droppedLines: 0, run: -1, second: -1 };
      this.#pending.set(id, pending);
    }
    return pending;
  }

  #schedule(): void {
    if (this.#isScheduled) {
      return;
    }
    this.#isScheduled = true;
    this.#clock.after(writeDelayMs, () => {
      this.#isScheduled = false;
      // A failure is said where it happens.
      this.#writeAll().catch(() => undefined);
    });
  }

  async #write(id: string, text: string): Promise<void> {
    const { current, previous } = this.#paths.runLogs(id);
    if (!fs.existsSync(this.#paths.session(id))) {
      // The session was deleted, and its logs with it.
      return;
    }
    try {
      const size = await sizeOf(current);
      if (size > 0 && size + Buffer.byteLength(text) > this.#maxFileBytes) {
        await fs.promises.rename(current, previous);
      }
      await fs.promises.mkdir(path.dirname(current), { recursive: true, mode: folderMode });
      await fs.promises.appendFile(current, text, { mode: fileMode });
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) {
        this.#hasFailed = true;
        this.#log.error(`The output of a run cannot be logged: ${current}`, error);
      }
    }
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await fs.promises.stat(file)).size;
  } catch (error) {
    if (isMissing(error)) {
      return 0;
    }
    throw error;
  }
}
