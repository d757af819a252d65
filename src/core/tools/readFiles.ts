import { textHash } from '../../base/textHash.ts';

const maxSessions = 64;
const maxFilesPerSession = 2_000;

/** Which state of which file a model has seen, by session. The oldest are forgotten: then a file counts as not read. */
export class ReadFiles {
  readonly #sessions = new Map<string, Map<string, string>>();

  /** The model knows this text of the file. */
  saw(sessionId: string, path: string, text: string): void {
    const files = this.#sessions.get(sessionId) ?? new Map<string, string>();
    this.#sessions.delete(sessionId);
    this.#sessions.set(sessionId, files);
    files.delete(path);
    files.set(path, textHash(text));
    forgetOldest(files, maxFilesPerSession);
    forgetOldest(this.#sessions, maxSessions);
  }

  /** Whether the model has seen the file as it is. */
  knows(sessionId: string, path: string, text: string): 'unread' | 'changed' | 'known' {
    const hash = this.#sessions.get(sessionId)?.get(path);
    return hash === undefined ? 'unread' : hash === textHash(text) ? 'known' : 'changed';
  }
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) {
    map.delete(oldest);
  }
}
