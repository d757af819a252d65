/** How a command of the demo ended; `output` has both streams, as far as they were kept. */
export interface CommandEnd {
  /** 128 + signal for a death by signal; -1 if unknown. */
  readonly code: number;
  readonly output: string;
  /** Bytes of output beyond what is kept. */
  readonly droppedBytes: number;
  /** Set where it was ended because it took longer than this. */
  readonly timeLimitSeconds?: number;
}

/**
 * What the demo needs of the machine: a folder of its own, the files in it, and commands that run there. File names are
 * plain: no separators. What cannot be done rejects with an error whose message is for the person.
 */
export interface DemoWorkshop {
  /** Absolute. */
  readonly folder: string;
  /** The language that command lines are in. */
  readonly shell: 'posix' | 'cmd';
  /** Makes the folder, and each of `files` that is missing or damaged; what is whole stays as it is. */
  prepare(files: Readonly<Record<string, string>>): Promise<'whole' | 'made' | 'repaired'>;
  /** Undefined: there is no such file. Links are not followed. */
  read(name: string): Promise<string | undefined>;
  /**
   * Replaces a file's text in one step by what `change` makes of it; undefined leaves the file alone. Changes run one after
   * the other.
   */
  change(
    name: string,
    change: (before: string) => string | undefined,
  ): Promise<{ readonly before: string; readonly after: string } | undefined>;
  /** Resolves when nothing of the command lives; it is ended when `signal` aborts or its time is up. */
  run(command: string, onOutput: (text: string) => void, signal: AbortSignal): Promise<CommandEnd>;
}
