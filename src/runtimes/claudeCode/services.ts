import type { Clock, Ids, Log, ProcessLauncher } from '../../core/ports.ts';

/** A file that only this person can read. */
export interface SecretFile {
  readonly path: string;
  remove(): void;
}

/** What the runtime needs of the machine. */
export interface ClaudeCodeServices {
  readonly launcher: ProcessLauncher;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The environment that the editor was started with. */
  environment(): Readonly<Record<string, string>>;
  /** The absolute path of a program: looked for in the PATH of `env`, then in `places` (`~` is the home folder). */
  findExecutable(name: string, path: string, places: readonly string[]): string | undefined;
  /** A file's text; undefined if it cannot be read. A path may begin with `~`. */
  readText(path: string): Promise<string | undefined>;
  /** The path with every symbolic link resolved, as far as it exists. */
  realPath(path: string): Promise<string>;
  /** The files of a folder; none if it cannot be read. A path may begin with `~`. */
  listFiles(folder: string): Promise<readonly { readonly name: string; readonly modifiedAt: number }[]>;
  /** Calls `onLine` with each line of a file, however large the file is; nothing if it cannot be read. */
  readLines(file: string, onLine: (line: string) => void): Promise<void>;
  writeSecretFile(content: string): Promise<SecretFile>;
  /** Names a text in a way that nobody can forge; says nothing of what it holds. */
  digest(text: string): string;
}
