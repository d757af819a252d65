import fs from 'node:fs';
import path from 'node:path';
import type { Redactor } from '../core/redact.ts';
import { headShare } from '../core/shells/outputLog.ts';
import type { ShellLogFile, StoredPlace } from '../core/shells/shellPorts.ts';
import { SecretMask } from './secretMask.ts';
import { fileMode, folderMode } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** The end of the output is in files of this size, so that the oldest of it can go. */
const segmentBytes = 1024 * 1024;

interface Segment {
  readonly path: string;
  /** The offset of its first byte in the stream. */
  readonly from: number;
  length: number;
}

export interface ShellLogFileOptions {
  /** The path of the first file; the others stand beside it. */
  readonly path: string;
  readonly limitBytes: number;
  readonly redactor: Redactor;
}

/**
 * A shell's output on the disk, byte by byte as it came but for secrets: the beginning in one file, and the end in as
 * many as fit into the limit. The name of each of these is the offset of its first byte.
 */
export class DiskShellLog implements ShellLogFile {
  readonly #options: ShellLogFileOptions;
  readonly #headLimit: number;
  #segments: Segment[] = [];
  #mask: SecretMask;
  /** The offset of what the mask gives next. */
  #next = 0;
  /** The offset of what is expected next. */
  #expected = 0;
  #isRemoved = false;
  #isInterrupted = false;
  #busy: Promise<void> = Promise.resolve();

  constructor(options: ShellLogFileOptions) {
    this.#options = options;
    this.#headLimit = Math.max(1, Math.floor(options.limitBytes * headShare));
    this.#mask = new SecretMask(options.redactor);
  }

  /** Goes on with what an earlier window has stored. Resolves with the offset that it goes up to. */
  reopen(): Promise<number> {
    return this.#run(async () => {
      this.#segments = await storedSegments(this.#options.path);
      const last = this.#segments.at(-1);
      this.#next = last === undefined ? 0 : last.from + last.length;
      this.#expected = this.#next;
      return this.#next;
    });
  }

  write(from: number, bytes: Uint8Array): Promise<void> {
    return this.#run(async () => {
      if (from !== this.#expected) {
        await this.#append(this.#takeHeld());
        this.#next = from;
      }
      this.#expected = from + bytes.length;
      await this.#append(this.#mask.push(bytes));
    });
  }

  flush(): Promise<void> {
    return this.#run(() => this.#append(this.#takeHeld()));
  }

  locate(from: number, to: number): readonly StoredPlace[] | undefined {
    const places: StoredPlace[] = [];
    let at = from;
    for (const { path: file, from: start, length } of this.#segments) {
      if (at < to && at >= start && at < start + length) {
        places.push({ path: file, offset: at - start });
        at = start + length;
      }
    }
    return at >= to ? places : undefined;
  }

  async read(from: number, maxBytes: number) {
    const segment = this.#segments.find((candidate) => candidate.from + candidate.length > from);
    if (segment === undefined) {
      return undefined;
    }
    const start = Math.max(from, segment.from);
    const length = Math.min(maxBytes, segment.from + segment.length - start);
    const handle = await fs.promises.open(segment.path, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start - segment.from);
      return { from: start, bytes: buffer.subarray(0, bytesRead) };
    } finally {
      await handle.close();
    }
  }

  async remove(): Promise<void> {
    this.#isRemoved = true;
    await this.#busy;
    const segments = this.#segments;
    this.#segments = [];
    await Promise.all(segments.map((segment) => fs.promises.rm(segment.path, { force: true })));
  }

  #run<T>(task: () => Promise<T>): Promise<T> {
    const running = task().catch((error: unknown) => {
      // What was held back is missing in what is stored; a file that could not be written to its end is left as it is.
      this.#takeHeld();
      this.#expected = Number.NaN;
      this.#isInterrupted = true;
      throw error;
    });
    this.#busy = running.then(
      () => undefined,
      () => undefined,
    );
    return running;
  }

  #takeHeld(): Buffer {
    const mask = this.#mask;
    this.#mask = new SecretMask(this.#options.redactor);
    return mask.end();
  }

  async #append(bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length > 0 && !this.#isRemoved) {
      const segment = this.#segmentFor(this.#next);
      const piece = rest.subarray(0, this.#limitOf(segment) - segment.length);
      await writeTo(segment, piece);
      segment.length += piece.length;
      this.#next += piece.length;
      rest = rest.subarray(piece.length);
      await this.#dropOldest();
    }
  }

  #segmentFor(offset: number): Segment {
    const last = this.#segments.at(-1);
    const isOpen = !this.#isInterrupted && last !== undefined && last.length < this.#limitOf(last);
    this.#isInterrupted = false;
    if (isOpen && last.from + last.length === offset) {
      return last;
    }
    const { dir, name, ext } = path.parse(this.#options.path);
    const file = offset === 0 ? this.#options.path : path.join(dir, `${name}.${offset}${ext}`);
    const segment = { path: file, from: offset, length: 0 };
    this.#segments = [...this.#segments.filter(({ length }) => length > 0), segment];
    return segment;
  }

  #limitOf(segment: Segment): number {
    return segment.from === 0 ? this.#headLimit : segmentBytes;
  }

  /** The beginning stays; of the rest, the oldest goes. */
  async #dropOldest(): Promise<void> {
    const tail = this.#segments.filter(({ from }) => from > 0);
    const total = tail.reduce((sum, { length }) => sum + length, 0);
    const [oldest] = tail;
    if (oldest !== undefined && tail.length > 1 && total > this.#options.limitBytes - this.#headLimit) {
      this.#segments = this.#segments.filter((segment) => segment !== oldest);
      await fs.promises.rm(oldest.path, { force: true });
    }
  }
}

async function writeTo({ path: file, length }: Segment, bytes: Buffer): Promise<void> {
  const options = { mode: fileMode, flag: length === 0 ? 'w' : 'a' };
  try {
    await fs.promises.writeFile(file, bytes, options);
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
    await fs.promises.mkdir(path.dirname(file), { recursive: true, mode: folderMode });
    await fs.promises.writeFile(file, bytes, options);
  }
}

/** The files of a log, by what their names say of their offsets: those that are files, and follow each other. */
async function storedSegments(file: string): Promise<Segment[]> {
  const { dir, name, ext } = path.parse(file);
  const found: Segment[] = [];
  for (const entry of await fs.promises.readdir(dir).catch(() => [])) {
    const offset = entry === `${name}${ext}` ? '0' : entry.slice(name.length + 1, -ext.length);
    if (entry.startsWith(name) && entry.endsWith(ext) && /^\d{1,15}$/.test(offset)) {
      const stat = await fs.promises.lstat(path.join(dir, entry)).catch(() => undefined);
      if (stat?.isFile() === true && stat.size > 0) {
        found.push({ path: path.join(dir, entry), from: Number(offset), length: stat.size });
      }
    }
  }
  let end = 0;
  return found
    .sort((a, b) => a.from - b.from)
    .filter((segment) => {
      const follows = segment.from >= end;
      end = follows ? segment.from + segment.length : end;
      return follows;
    });
}
