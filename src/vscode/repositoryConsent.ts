import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import type { RuntimeKind } from '../core/runtime.ts';

/** Consents that are remembered; the oldest go first. */
const maxRemembered = 200;
const stateKey = 'repositoryConsents';

export type FindRepositoryFiles = (
  cwd: string,
  names: readonly string[],
) => Promise<{ readonly paths: readonly string[]; readonly digest: string } | undefined>;

/**
 * Whether a repository's own hooks, servers and settings may act when an agent starts in it. Only after the person has
 * allowed exactly that content; until then they are ignored, and that is said once for each content.
 */
export class RepositoryConsent {
  readonly #find: FindRepositoryFiles;
  readonly #state: vscode.Memento;
  readonly #asked = new Set<string>();
  #reviewable: readonly string[] = [];

  constructor(find: FindRepositoryFiles, state: vscode.Memento) {
    this.#find = find;
    this.#state = state;
  }

  /** The digest of the content that may act; `undefined`: none may. */
  async allowedContent(
    cwd: string,
    kind: RuntimeKind,
    setting: 'ask' | 'load' | 'ignore',
  ): Promise<string | undefined> {
    if (setting === 'ignore') {
      return undefined;
    }
    const found = await this.#find(cwd, kind.repositoryFiles);
    if (setting === 'load') {
      return found?.digest ?? 'none';
    }
    if (found === undefined || this.#allowed.includes(found.digest)) {
      return found?.digest;
    }
    if (!this.#asked.has(found.digest)) {
      this.#asked.add(found.digest);
      this.#reviewable = found.paths;
      this.#ask(found.digest, found.paths);
    }
    return undefined;
  }

  /** Opens the files that are ignored for now. */
  async review(): Promise<void> {
    for (const path of this.#reviewable) {
      await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
    }
  }

  get #allowed(): readonly string[] {
    return this.#state.get<string[]>(stateKey, []);
  }

  /** Not awaited by the turn: until it is answered, the files are ignored. */
  #ask(digest: string, paths: readonly string[]): void {
    const review = t('Review');
    const allow = t('Allow This Content');
    const message = t(
      'This repository brings its own agent settings ({0}), which could run commands or redirect the agent. They are ignored until you allow them.',
      paths.map((path) => vscode.workspace.asRelativePath(path)).join(', '),
    );
    const ask = async (): Promise<void> => {
      for (;;) {
        const answer = await vscode.window.showWarningMessage(message, review, allow);
        if (answer === review) {
          await this.review();
          continue;
        }
        if (answer === allow) {
          await this.#state.update(stateKey, [...this.#allowed, digest].slice(-maxRemembered));
        }
        return;
      }
    };
    ask().then(undefined, () => this.#asked.delete(digest));
  }
}
