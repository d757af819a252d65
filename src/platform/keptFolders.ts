import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../core/ports.ts';
import { namesIn } from './folderNames.ts';
import type { HostIdentity } from './hostIdentity.ts';
import { isShellId, type KeptCard } from './keptCard.ts';
import { KeptFiles } from './keptFiles.ts';
import { keptFileName, readKept } from './keptLedgers.ts';
import { appendIfThere } from './ledgerFile.ts';
import type { FoundProcess, LedgerEntry } from './ledgerRecords.ts';
import { markOf, rootOf } from './ledgerRoots.ts';
import type { ProcessEntry } from './processEntry.ts';
import { listProcesses, readMarks } from './processTable.ts';
import { endTrees } from './processTree.ts';

/** The folder of a shell that a window has left, with a card that is none but its own. */
export interface KeptFolder {
  readonly card: KeptCard;
  readonly files: KeptFiles;
  /** It was in the list, and nobody had asked for its end. */
  readonly isWaiting: boolean;
}

/** In the order of their start. */
export function readKeptFolders(folder: string, nowMs: number): readonly KeptFolder[] {
  return namesIn(folder)
    .filter(isShellId)
    .flatMap((name) => {
      const files = KeptFiles.existing(folder, name);
      const card = files.readCard(nowMs);
      const { isListed, isEnding } = files.state;
      return card === undefined ? [] : [{ card, files, isWaiting: isListed && !isEnding }];
    })
    .sort((a, b) => a.card.startedAt - b.card.startedAt);
}

export interface EndOthersOptions {
  readonly graceMs: number;
  readonly log: Log;
  /** As in `SurvivorOptions`. */
  readonly host?: { readonly pid: number; readonly parent: number };
}

/** Ends these processes of a ledger, and what a damaged line does not tell; those of the entries that are spared go on. */
export async function endOthers(
  host: HostIdentity,
  { entries, spared }: { readonly entries: readonly LedgerEntry[]; readonly spared: ReadonlySet<string> },
  { graceMs, log, ...options }: EndOthersOptions & { readonly onFound?: (found: FoundProcess) => void },
): Promise<{ readonly found: readonly FoundProcess[]; readonly left: readonly ProcessEntry[] }> {
  const sparedMarks = new Set([...spared].map((id) => markOf(host, id)));
  const marks = new Set((await readMarks(await listProcesses())).values());
  const strays = [...marks].filter((mark) => mark.startsWith(`${host.id}.`) && !sparedMarks.has(mark));
  const roots = [
    ...entries.map((entry) => rootOf(host, entry, false)),
    ...strays.map((mark) => ({ pid: undefined, startTime: undefined, mark, isOwnChild: false })),
  ];
  const found: FoundProcess[] = [];
  const left = await endTrees(roots, {
    graceMs,
    ...(options.host === undefined ? {} : { host: options.host }),
    onFound: ({ pid, startTime, name }) => {
      found.push({ pid, startTime, name });
      log.info(`process ${pid} (${name}) of host ${host.pid} still runs and is ended`);
      options.onFound?.({ pid, startTime, name });
    },
  });
  return { found, left };
}

/** Ends at once what no window would take back, and notes it, so that the person is told. */
export async function endUnwanted(
  { ledgers, folder, dead }: { readonly ledgers: string; readonly folder: string; readonly dead: HostIdentity },
  options: EndOthersOptions,
): Promise<void> {
  const file = path.join(ledgers, keptFileName(dead));
  const content = readKept(file);
  if (content === undefined) {
    return;
  }
  const waiting = readKeptFolders(folder, Date.now()).filter(({ card }) => card.ledger === dead.id);
  const spared = new Set(waiting.flatMap(({ card, isWaiting }) => (isWaiting ? [card.entry] : [])));
  const entries = content.entries.filter(({ id }) => !spared.has(id));
  await endOthers(
    dead,
    { entries, spared },
    {
      ...options,
      onFound: (found) => {
        try {
          appendIfThere(file, { kind: 'found', ...found });
        } catch (error) {
          options.log.warn(`the process ${found.pid} could not be noted: ${messageOf(error)}`);
        }
      },
    },
  );
}

/** Nothing of what is in the ledger lives, or will be taken back. */
export function removeKeptFolders(folder: string, ledgerId: string): void {
  for (const { card, files } of readKeptFolders(folder, Date.now())) {
    if (card.ledger === ledgerId) {
      files.remove();
    }
  }
}
