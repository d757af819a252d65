import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { ShellRegistry } from '../core/shells/shellRegistry.ts';
import { namesIn } from './folderNames.ts';
import type { HostIdentity } from './hostIdentity.ts';
import { isShellId } from './keptCard.ts';
import { KeptFiles } from './keptFiles.ts';
import { endOthers, type KeptFolder, readKeptFolders } from './keptFolders.ts';
import { deadKeptHosts } from './keptHosts.ts';
import { expireKept, keptFileName, keptHost, parseKeptFileName, readKept, takeKept } from './keptLedgers.ts';
import { KeptShell } from './keptShell.ts';
import type { FoundProcess, LedgerEntry } from './ledgerRecords.ts';
import type { ProcessLedger } from './processLedger.ts';
import type { NodeShellRunner } from './shellRunner.ts';

export interface TakeBackOptions {
  /** Holds a folder for each shell of this workspace that is kept. */
  readonly folder: string;
  /** Where every host of this person keeps its ledgers. */
  readonly ledgers: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly graceMs: number;
  /** Whether they are to be taken back, and not ended. */
  readonly isWanted: () => boolean;
  /** The sessions of this workspace are this window's: another one would have to leave them to it. */
  readonly ownsSessions: boolean;
  /** Whether this window has the session, or can have it. */
  readonly holds: (sessionId: string) => Promise<boolean>;
  readonly open: () => Promise<{ readonly registry: ShellRegistry; readonly runner: NodeShellRunner | undefined }>;
}

export interface TakenBack {
  /** The commands of those that are listed again. */
  readonly commands: readonly string[];
  /** What was ended instead, as in `Survivors`. */
  readonly found: readonly FoundProcess[];
  readonly left: readonly number[];
}

/** A folder without a card is one that is just made, until then. */
const youngMs = 60_000;

interface Adoptable extends KeptFolder {
  readonly leader: { readonly pid: number; readonly startTime: string };
  readonly readers: readonly number[];
}

/** Lists the shells of dead windows of this workspace again, in the order of their start, and lets the rest of theirs be ended. */
export async function takeBackShells(options: TakeBackOptions): Promise<TakenBack> {
  const taken: { commands: string[]; found: FoundProcess[]; left: number[] } = { commands: [], found: [], left: [] };
  const kept = readKeptFolders(options.folder, options.clock.now());
  if (kept.length > 0 && options.ownsSessions) {
    for (const dead of await deadKeptHosts(options.ledgers, options.clock.now())) {
      const own = kept.filter(({ card }) => card.ledger === dead.id);
      if (own.length > 0) {
        try {
          const one = await takeBackFrom(options, dead, own);
          taken.commands.push(...one.commands);
          taken.found.push(...one.found);
          taken.left.push(...one.left);
        } catch (error) {
          options.log.error(`the shells of host ${dead.pid} could not be taken back`, error);
        }
      }
    }
  }
  sweep(options);
  return taken;
}

async function takeBackFrom(
  options: TakeBackOptions,
  dead: HostIdentity,
  kept: readonly KeptFolder[],
): Promise<TakenBack> {
  const { ledgers, log } = options;
  const nothing: TakenBack = { commands: [], found: [], left: [] };
  const content = readKept(path.join(ledgers, keptFileName(dead)));
  if (content === undefined) {
    return nothing;
  }
  // What is opened before the ledger has another name was held until now by who waits for that.
  const adoptable = options.isWanted() ? await findAdoptable(options, kept, content.entries) : [];
  if (adoptable.length === 0) {
    expireKept(ledgers, dead);
    return nothing;
  }
  const { registry, runner } = await options.open();
  if (runner?.kept === undefined) {
    throw new Error('shells are not kept here');
  }
  const host = keptHost(dead.id);
  if (!takeKept(ledgers, dead, host)) {
    adoptable.forEach(closeReaders);
    return nothing;
  }
  log.info(`the shells of host ${dead.pid} are taken back`);
  const ledger = runner.kept.takeOver(host, content.entries);
  const commands: string[] = [];
  const adopted = new Set<string>();
  for (const one of adoptable) {
    if (await adopt(one, { registry, runner, ledger, file: path.join(ledgers, keptFileName(host)), log })) {
      commands.push(one.card.command);
      adopted.add(one.card.entry);
    }
  }
  const others = content.entries.filter(({ id }) => !adopted.has(id));
  const ended = await endOthers(host, { entries: others, spared: adopted }, { graceMs: options.graceMs, log });
  if (ended.left.length === 0) {
    for (const { id } of others) {
      ledger.recordOf(id).gone();
    }
    for (const { card, files } of kept) {
      if (!adopted.has(card.entry)) {
        files.remove();
      }
    }
  }
  return { commands, found: [...content.found, ...ended.found], left: ended.left.map(({ pid }) => pid) };
}

/** Those whose session is here, whose leader is known, and that nobody has asked to end. */
async function findAdoptable(
  { holds, log }: TakeBackOptions,
  kept: readonly KeptFolder[],
  entries: readonly LedgerEntry[],
): Promise<readonly Adoptable[]> {
  const adoptable: Adoptable[] = [];
  for (const { card, files, isWaiting } of kept) {
    const { pid, startTime } = entries.find(({ id }) => id === card.entry) ?? {};
    const isTaken = adoptable.some((other) => other.card.entry === card.entry);
    if (pid === undefined || startTime === undefined || !isWaiting || isTaken) {
      continue;
    }
    try {
      if (!(await holds(card.sessionId))) {
        continue;
      }
      adoptable.push({ card, files, isWaiting, leader: { pid, startTime }, readers: files.reopenReaders() });
    } catch (error) {
      log.warn(`shell ${card.id} cannot be taken back: ${messageOf(error)}`);
    }
  }
  return adoptable;
}

interface Place {
  readonly registry: ShellRegistry;
  readonly runner: NodeShellRunner;
  readonly ledger: ProcessLedger;
  /** The path of the ledger. */
  readonly file: string;
  readonly log: Log;
}

async function adopt(one: Adoptable, { registry, runner, ledger, file, log }: Place): Promise<boolean> {
  const { card, files, leader, readers } = one;
  let process: KeptShell | undefined;
  try {
    const { id, sessionId, command, cwd, startedAt, timeoutSeconds } = card;
    const started = await registry.adopt({
      id,
      sessionId,
      command,
      cwd,
      tty: false,
      startedAt,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      seen: files.state.seen,
      readTo: files.state.readTo,
      start: async (_spec, events) =>
        runner.takeBack((pacer) => {
          const record = ledger.recordOf(card.entry);
          process = KeptShell.adopt({ files, ledger: file, record, pacer, events, log, leader, readers });
          return process;
        }),
    });
    if ('shell' in started) {
      await started.launched;
    }
  } catch (error) {
    log.error(`shell ${card.id} could not be taken back`, error);
  }
  if (process === undefined) {
    closeReaders(one);
  }
  return process !== undefined;
}

function closeReaders({ readers }: Adoptable): void {
  readers.forEach((fd) => fs.closeSync(fd));
}

/** Removes what belongs to no ledger any more. */
function sweep(options: TakeBackOptions): void {
  const { folder, ledgers, clock, log } = options;
  const known = new Set(namesIn(ledgers).flatMap((name) => parseKeptFileName(name)?.id ?? []));
  for (const name of namesIn(folder)) {
    const place = path.join(folder, name);
    try {
      const ageMs = clock.now() - fs.lstatSync(place).mtimeMs;
      const card = isShellId(name) ? KeptFiles.existing(folder, name).readCard(clock.now()) : undefined;
      if (card === undefined ? ageMs > youngMs : !known.has(card.ledger)) {
        fs.rmSync(place, { recursive: true, force: true });
      }
    } catch (error) {
      log.warn(`${place} cannot be removed: ${messageOf(error)}`);
    }
  }
}
