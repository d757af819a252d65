/** What is to be started. */
export interface ShellSpec {
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  /** On a pseudo-terminal, which takes input. */
  readonly tty: boolean;
}

/** One that has an owner. */
export interface OwnedShellSpec extends ShellSpec {
  readonly id: string;
  readonly sessionId: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Undefined: until it ends or is killed. */
  readonly timeoutSeconds: number | undefined;
}

/** What else a later window has to know of a shell, if it can be taken back after a crash. */
export interface ShellMemory {
  /** It has a place in the list. */
  readonly isListed: boolean;
  /** The model has read the output up to here. */
  readonly readTo: number;
}

/** What happens to the processes of a shell. Nothing is called before `start` has returned its promise. */
export interface ShellEvents {
  /** A piece of output as it came, in order. It may be used again by its giver once this returns. */
  output(bytes: Uint8Array, isError: boolean): void;
  /** The output cannot be read any more, although the shell runs. */
  readFailed(message: string): void;
  /**
   * The shell itself has exited and what it said has been given; 128 + signal for a death by signal. `left` are the
   * living processes that it has started. Called once.
   */
  exited(code: number, left: readonly number[]): void;
  /** What lives of those that were left has changed; never empty. */
  left(pids: readonly number[]): void;
  /** Nothing of it lives. Called once, after `exited`. */
  ended(): void;
}

export interface KillResult {
  /** What has survived. */
  readonly survivors: readonly number[];
  /** The last signal that was sent to the shell itself; undefined: it had exited before. */
  readonly signal: number | undefined;
  /** Whether anything lived that had to be ended. */
  readonly foundAny: boolean;
}

export interface ShellProcess {
  readonly pid: number;
  /**
   * Ends everything that the shell has started: asks, then kills after `graceMs`, and checks. Settles after `exited` and
   * `ended` were called, unless something survives. Never rejects.
   */
  kill(graceMs: number): Promise<KillResult>;
  /** Writes to the terminal. Rejects with a sentence where there is none, or where it takes no more. */
  write(text: string): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Called when it changes; not there where nobody would take the shell back. */
  remember?(memory: ShellMemory): void;
}

export interface ShellRunner {
  /** Rejects if the shell could not be started. */
  start(spec: OwnedShellSpec, events: ShellEvents): Promise<ShellProcess>;
  /** Ends every process of every shell before it returns. For the moment in which the host ends. */
  killAllNow(graceMs: number): void;
}

/** A part of a stored log. */
export interface StoredPlace {
  readonly path: string;
  /** In bytes, within that file. */
  readonly offset: number;
}

/** The stored output of one shell. Offsets are those of its stream. */
export interface ShellLogFile {
  /** Appends output that begins at `from`; an offset past the last one leaves a gap. */
  write(from: number, bytes: Uint8Array): Promise<void>;
  /** What was held back because it could have been half of a secret is written too. */
  flush(): Promise<void>;
  /** The places where the bytes from one offset to another are, in order; undefined if not all of them are stored. */
  locate(from: number, to: number): readonly StoredPlace[] | undefined;
  /** Bytes from `from` on, or from the first offset after it that is stored; undefined if there is none. */
  read(from: number, maxBytes: number): Promise<{ readonly from: number; readonly bytes: Uint8Array } | undefined>;
  /** Takes the files away. */
  remove(): Promise<void>;
}

export interface ShellLogs {
  create(sessionId: string, shellId: string): ShellLogFile;
  /** That of a shell of an earlier window, with the offset that it goes up to. */
  reopen(sessionId: string, shellId: string): Promise<{ readonly file: ShellLogFile; readonly end: number }>;
  /** The folder with the logs of a session, absolute. */
  folderOf(sessionId: string): string;
}
