import { asArray, asNumber, asString, isRecord } from '../base/json.ts';
import type { Op, SessionState } from '../protocol/view.ts';
import { interruptedCode } from './errors.ts';
import type { NumberedEvent, SessionEvent } from './sessionEvents.ts';

/** What happened in a session since the person last looked at it. */
export interface Absence {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Messages that there were: those after them are new. */
  readonly seen: number;
  /** Whether the last of them was still being written. */
  readonly grew: boolean;
  /** Turns that ended, and those of them that failed. */
  readonly turns: number;
  readonly failed: number;
  readonly toolCalls: number;
  /** Requests to the person. */
  readonly asks: number;
  readonly costUsd: number;
  /** It is unread because a turn ended. */
  readonly ended: boolean;
  /** It is unread because something was asked that nobody has answered. */
  readonly asked: boolean;
}

/** What was appended to a session, and what came of it. */
export interface Happened {
  readonly events: readonly NumberedEvent[];
  readonly ops: readonly Op[];
  /** Messages that it has by now. */
  readonly messages: number;
  /** Requests that wait for the person by now. */
  readonly waiting: number;
}

/** More sessions than have a place; the one that was left longest ago goes first. */
const maxAbsences = 200;

/** Keeps what happened behind the person's back, one absence for each session that they do not see. */
export class Absences {
  readonly #absences = new Map<string, Absence>();

  /** The person looks away. */
  leave(id: string, now: number, messages: number): void {
    this.#set(newAbsence(id, now, messages));
  }

  /** Something happened in a session that the person does not see. True if it is worth keeping at once. */
  note(id: string, now: number, happened: Happened): boolean {
    const known = this.#absences.get(id);
    const { events, ops } = happened;
    const added = ops.filter((op) => op[0] === 'message').length;
    const before = known ?? newAbsence(id, now, happened.messages - added);
    const grew = before.grew || ops.some((op) => op[1] === before.seen - 1);
    if (known === undefined || grew !== before.grew || events.some(({ event }) => counted.has(event.type))) {
      this.#set({ ...addTo(before, happened), grew });
    }
    return events.some(({ event }) => kept.has(event.type));
  }

  get(id: string): Absence | undefined {
    return this.#absences.get(id);
  }

  isUnread(id: string): boolean {
    const absence = this.#absences.get(id);
    return absence !== undefined && isUnread(absence);
  }

  /** The session is where the person looks next: its mark goes. True if it had one. */
  markRead(id: string): boolean {
    const absence = this.#absences.get(id);
    if (absence === undefined || !isUnread(absence)) {
      return false;
    }
    this.#absences.set(id, { ...absence, ended: false, asked: false });
    return true;
  }

  /** The person sees the session, or it is gone. Returns what they missed. */
  end(id: string): Absence | undefined {
    const absence = this.#absences.get(id);
    this.#absences.delete(id);
    return absence;
  }

  list(): readonly Absence[] {
    return [...this.#absences.values()];
  }

  restore(absences: readonly Absence[]): void {
    for (const absence of absences) {
      this.#set(absence);
    }
  }

  #set(absence: Absence): void {
    this.#absences.set(absence.id, absence);
    const [oldest] = this.#absences.keys();
    if (this.#absences.size > maxAbsences && oldest !== undefined) {
      this.#absences.delete(oldest);
    }
  }
}

function newAbsence(id: string, since: number, seen: number): Absence {
  const counts = { turns: 0, failed: 0, toolCalls: 0, asks: 0, costUsd: 0 };
  return { id, since, seen, grew: false, ...counts, ended: false, asked: false };
}

function isUnread({ ended, asked }: Absence): boolean {
  return ended || asked;
}

const endStates: ReadonlySet<SessionState> = new Set(['idle', 'done', 'cancelled', 'error']);

/** Whether a turn, or its start, has ended: an `error` inside a turn does not end it. */
export function endsTurn({ events, ops }: Pick<Happened, 'events' | 'ops'>): boolean {
  return (
    events.some(({ event }) => enders.has(event.type)) &&
    ops.some(
      (op) => op[0] === 'header' && op[1].state !== undefined && op[1].state !== null && endStates.has(op[1].state),
    )
  );
}

type EventType = SessionEvent['type'];

const enders: ReadonlySet<EventType> = new Set<EventType>(['turnComplete', 'turnCancelled', 'error']);
const askers: ReadonlySet<EventType> = new Set<EventType>(['approvalNeeded', 'questionAsked']);
const kept: ReadonlySet<EventType> = new Set<EventType>([...enders, ...askers, 'approvalDecided', 'questionAnswered']);
const counted: ReadonlySet<EventType> = new Set<EventType>([...kept, 'toolCallStarted', 'usage']);

function addTo(absence: Absence, happened: Happened): Absence {
  const { events, waiting } = happened;
  const ended = endsTurn(happened);
  // A turn that the window itself cut off did not end while they were away.
  const counts = ended && !events.some(({ event }) => isCutOff(event));
  const hasFailed = counts && happened.ops.some((op) => op[0] === 'header' && op[1].state === 'error');
  const asks = events.filter(({ event }) => askers.has(event.type)).length;
  return {
    ...absence,
    turns: absence.turns + (counts ? 1 : 0),
    failed: absence.failed + (hasFailed ? 1 : 0),
    toolCalls: absence.toolCalls + events.filter(({ event }) => event.type === 'toolCallStarted').length,
    asks: absence.asks + asks,
    costUsd: events.reduce((sum, { event }) => sum + ((event.type === 'usage' && event.costUsd) || 0), absence.costUsd),
    ended: absence.ended || ended,
    asked: (absence.asked || asks > 0) && waiting > 0,
  };
}

function isCutOff(event: SessionEvent): boolean {
  return (event.type === 'turnComplete' || event.type === 'error') && event.error?.code === interruptedCode;
}

/** What was read from a file is checked. */
export function parseAbsences(value: unknown): readonly Absence[] {
  return asArray(value)
    .slice(0, maxAbsences)
    .flatMap((item) => {
      if (!isRecord(item)) {
        return [];
      }
      const [id, since, seen] = [asString(item['id']), asNumber(item['since']), asNumber(item['seen'])];
      const count = (key: string): number => Math.max(0, asNumber(item[key]) ?? 0);
      return id === undefined || since === undefined || seen === undefined
        ? []
        : [
            {
              ...newAbsence(id, since, seen),
              grew: item['grew'] === true,
              turns: count('turns'),
              failed: count('failed'),
              toolCalls: count('toolCalls'),
              asks: count('asks'),
              costUsd: count('costUsd'),
              ended: item['ended'] === true,
              asked: item['asked'] === true,
            },
          ];
    });
}
