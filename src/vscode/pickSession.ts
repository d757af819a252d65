import * as vscode from 'vscode';
import { messageOf } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import { ageInWords } from '../core/age.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { SessionInfo } from '../core/sessionInfo.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { stateInWords } from '../core/stateText.ts';

/** A shorter text is in nearly every session. */
const shortestWanted = 2;
/** A person who types has not asked yet. */
const typingMs = 250;
/** More would not be read. */
const maxMatches = 100;
/** Found lines are shown at most this often while the search goes on. */
const showMs = 100;

interface Row extends vscode.QuickPickItem {
  readonly id?: string;
}

/**
 * Lets the person choose a session: by its name, or by what was said in it. The search through the texts begins when they
 * pause, shows what it finds while it goes on, and ends with the list.
 */
export class SessionPicker {
  readonly #manager: SessionManager;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(manager: SessionManager, clock: Clock, log: Log) {
    this.#manager = manager;
    this.#clock = clock;
    this.#log = log;
  }

  async pick(placeholder: string, searchesTexts: boolean): Promise<string | undefined> {
    await this.#manager.refreshStored();
    const now = this.#clock.now();
    const rows = this.#manager.list().map((info) => rowOf(info, now));
    const picker = vscode.window.createQuickPick<Row>();
    picker.placeholder = placeholder;
    picker.matchOnDescription = true;
    picker.items = rows;
    let search = new AbortController();
    const chosen = new Promise<string | undefined>((resolve) => {
      picker.onDidAccept(() => resolve(picker.selectedItems[0]?.id));
      picker.onDidHide(() => resolve(undefined));
    });
    if (searchesTexts) {
      picker.onDidChangeValue((value) => {
        search.abort();
        search = new AbortController();
        picker.busy = false;
        picker.title = undefined;
        picker.items = rows;
        const wanted = value.trim();
        if (wanted.length >= shortestWanted) {
          const { signal } = search;
          const timer = this.#clock.after(typingMs, () => {
            this.#search(picker, rows, wanted, signal).catch((error: unknown) => {
              this.#log.warn(`the stored sessions could not be searched: ${messageOf(error)}`);
            });
          });
          signal.addEventListener('abort', () => timer.dispose(), { once: true });
        }
      });
    }
    picker.show();
    const id = await chosen;
    search.abort();
    picker.dispose();
    return id;
  }

  async #search(picker: vscode.QuickPick<Row>, rows: readonly Row[], wanted: string, signal: AbortSignal) {
    const found: Row[] = [];
    let shownAt = Number.NEGATIVE_INFINITY;
    let shown = 0;
    const show = (title: string | undefined): void => {
      picker.title = title;
      shownAt = this.#clock.monotonic();
      if (found.length > shown) {
        shown = found.length;
        const active = picker.activeItems;
        picker.items = [...rows, { label: t('In the text'), kind: vscode.QuickPickItemKind.Separator }, ...found];
        picker.activeItems = active;
      }
    };
    picker.busy = true;
    for await (const { done, total, match } of this.#manager.search(wanted, signal)) {
      if (signal.aborted) {
        return;
      }
      const info = match === undefined ? undefined : this.#manager.info(match.id);
      if (match !== undefined && info !== undefined) {
        found.push({ ...rowOf(info, this.#clock.now()), detail: match.line, alwaysShow: true });
      }
      if (found.length >= maxMatches) {
        break;
      }
      if (this.#clock.monotonic() - shownAt >= showMs) {
        show(t('Searching the text of {0} of {1} sessions…', done, total));
      }
    }
    if (!signal.aborted) {
      show(
        found.length === 0
          ? t("'{0}' is in the text of no session.", wanted)
          : found.length >= maxMatches
            ? t("'{0}' is in the text of the {1} newest of many sessions.", wanted, found.length)
            : t("Sessions with '{0}' in their text: {1}", wanted, found.length),
      );
      picker.busy = false;
    }
  }
}

function rowOf(info: SessionInfo, now: number): Row {
  const description = [
    info.slot === undefined ? undefined : `#${info.slot}`,
    stateInWords(info, now),
    ageInWords(info.createdAt, now),
    info.shortId,
  ];
  return {
    label: info.summary,
    description: description.filter((part) => part !== undefined).join(' · '),
    id: info.id,
  };
}
