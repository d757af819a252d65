import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  decodeCard,
  decodeState,
  encodeCard,
  encodeState,
  type KeptCard,
  type KeptState,
  maxCardBytes,
  stateBytes,
} from './keptCard.ts';
import { fileMode, folderMode } from './storePaths.ts';

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;
const streams = ['out', 'err'] as const;
const maxCodeBytes = 16;

const fresh: KeptState = { seen: 0, readTo: 0, isListed: false, isEnding: false };

/**
 * What of a shell outlives its window: a folder for its owner alone (0700) with a FIFO for each stream of output, a card
 * that says what it is, how far it was read, and the exit code once there is one.
 */
export class KeptFiles {
  readonly folder: string;
  #state: KeptState;
  #stateFd: number | undefined;

  private constructor(folder: string, state: KeptState) {
    this.folder = folder;
    this.#state = state;
  }

  /** Throws where there is none of its kind. */
  static async create(root: string, shellId: string): Promise<KeptFiles> {
    const folder = path.join(root, shellId);
    fs.mkdirSync(root, { recursive: true, mode: folderMode });
    fs.mkdirSync(folder, { mode: folderMode });
    try {
      const names = streams.map((name) => path.join(folder, name));
      await promisify(execFile)('mkfifo', ['-m', '600', ...names]);
      return new KeptFiles(folder, fresh);
    } catch (error) {
      fs.rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Those of an earlier window; nothing in them is believed before it was looked at. */
  static existing(root: string, shellId: string): KeptFiles {
    const folder = path.join(root, shellId);
    const state = decodeState(readOwn(path.join(folder, 'state'), stateBytes) ?? Buffer.alloc(0));
    return new KeptFiles(folder, state ?? fresh);
  }

  get state(): KeptState {
    return this.#state;
  }

  /** The exit code, once the command has ended. */
  get codeFile(): string {
    return path.join(this.folder, 'code');
  }

  writeCard(card: KeptCard): void {
    fs.writeFileSync(path.join(this.folder, 'card.json'), encodeCard(card), { mode: fileMode, flag: 'wx' });
  }

  readCard(nowMs: number): KeptCard | undefined {
    const bytes = readOwn(path.join(this.folder, 'card.json'), maxCardBytes + 1);
    return bytes === undefined ? undefined : decodeCard(bytes, path.basename(this.folder), nowMs);
  }

  readCode(): number | undefined {
    const match = /^(\d{1,3})\n$/.exec(readOwn(this.codeFile, maxCodeBytes)?.toString('latin1') ?? '');
    return match === null ? undefined : Number(match[1]);
  }

  /**
   * The ends that are written to. They are open for reading too, so that whoever writes waits for a reader that comes
   * later instead of being ended; and they wait, since the shell shares what is set here.
   */
  openWriters(): readonly number[] {
    return this.#open(O_RDWR);
  }

  /** The ends that we read. */
  openReaders(): readonly number[] {
    return this.#open(O_RDONLY | O_NONBLOCK);
  }

  /** The same where the last writer may have gone before: only the next one that goes makes the end known. */
  reopenReaders(): readonly number[] {
    const fds = this.openReaders();
    this.#open(O_WRONLY | O_NONBLOCK).forEach((fd) => fs.closeSync(fd));
    return fds;
  }

  /** Writes down what has changed. Costs one small write to memory of the system, which a dying window does not take along. */
  note(change: Partial<KeptState>): void {
    this.#state = { ...this.#state, ...change };
    try {
      this.#stateFd ??= fs.openSync(path.join(this.folder, 'state'), O_RDWR | O_CREAT | O_NOFOLLOW, fileMode);
      fs.writeSync(this.#stateFd, encodeState(this.#state), 0, stateBytes, 0);
    } catch {
      // A later window then knows less.
    }
  }

  /** Nothing of the shell lives, or will: takes everything away. */
  remove(): void {
    if (this.#stateFd !== undefined) {
      fs.closeSync(this.#stateFd);
      this.#stateFd = undefined;
    }
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  #open(flags: number): readonly number[] {
    const fds: number[] = [];
    try {
      for (const name of streams) {
        const fd = fs.openSync(path.join(this.folder, name), flags | O_NOFOLLOW);
        fds.push(fd);
        const stat = fs.fstatSync(fd);
        if (!stat.isFIFO() || !isOurs(stat)) {
          throw new Error(`${name} is no FIFO of ours`);
        }
      }
      return fds;
    } catch (error) {
      fds.forEach((fd) => fs.closeSync(fd));
      throw error;
    }
  }
}

/** The beginning of a file that is ours alone; undefined for anything else. */
function readOwn(file: string, maxBytes: number): Buffer | undefined {
  let fd: number | undefined;
  try {
    // What could be a FIFO is not waited for.
    fd = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stat = fs.fstatSync(fd);
    if (!stat.isFile() || !isOurs(stat)) {
      return undefined;
    }
    const bytes = Buffer.alloc(maxBytes);
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, maxBytes, 0));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) {
      fs.closeSync(fd);
    }
  }
}

function isOurs({ uid, mode }: fs.Stats): boolean {
  return uid === process.getuid?.() && (mode & 0o077) === 0;
}
