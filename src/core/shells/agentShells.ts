import { Emitter, type Event } from '../../base/event.ts';
import { type Disposable, DisposableStore } from '../../base/lifecycle.ts';
import type { Clock, Log } from '../ports.ts';
import type { NumberedEvent } from '../sessionEvents.ts';
import type { ShellInfo } from './shellInfo.ts';

/** More are not kept: the oldest that have ended go first. */
const maxKept = 32;

/** A shell that an agent runs by its own means, as far as it tells of it: neither what it says nor its exit code. */
export interface AgentShell extends Pick<
  ShellInfo,
  'id' | 'sessionId' | 'command' | 'status' | 'exitCode' | 'startedAt' | 'elapsedMs'
> {
  readonly isAgents: true;
}

/** What lists show: a shell of ours, or one of an agent. */
export type ListedShell = (ShellInfo & { readonly isAgents?: undefined }) | AgentShell;

export interface AgentShellsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly sessions: {
    /** Every event of every session, in order. */
    readonly onDidAppend: Event<{ readonly sessionId: string; readonly events: readonly NumberedEvent[] }>;
    readonly onDidChange: Event<unknown>;
    /** Undefined: there is no such session any more. */
    info(id: string): object | undefined;
  };
}

interface Kept extends Omit<AgentShell, 'elapsedMs' | 'isAgents'> {
  readonly startedMs: number;
  readonly endedMs?: number;
}

/** The shells that the agents of a window run by their own means: those that run, and those that ended lately. */
export class AgentShells implements Disposable {
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  readonly #changed: Emitter<{ readonly shellId: string; readonly sessionId: string }>;
  /** In the order of their start. */
  readonly #kept = new Map<string, Kept>();

  constructor({ clock, log, sessions }: AgentShellsDeps) {
    this.#clock = clock;
    this.#changed = this.#store.add(
      new Emitter((error) => log.error("a listener of the agents' shells failed", error)),
    );
    this.#store.add(
      sessions.onDidAppend(({ sessionId, events }) => {
        for (const { event } of events) {
          if (event.type === 'backgroundTask' && event.kind === 'shell') {
            this.#take(sessionId, event);
          }
        }
      }),
    );
    this.#store.add(
      sessions.onDidChange(() => {
        for (const [key, { id, sessionId }] of this.#kept) {
          if (sessions.info(sessionId) === undefined) {
            this.#kept.delete(key);
            this.#changed.fire({ shellId: id, sessionId });
          }
        }
      }),
    );
  }

  /** One came, ended, went with its session, or is known by another command. */
  get onDidChange() {
    return this.#changed.event;
  }

  /** In the order of their start. */
  list(): readonly AgentShell[] {
    return [...this.#kept.values()].map(({ startedMs, endedMs, ...shell }) => ({
      ...shell,
      elapsedMs: Math.floor((endedMs ?? this.#clock.monotonic()) - startedMs),
      isAgents: true,
    }));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #take(sessionId: string, event: Extract<NumberedEvent['event'], { readonly type: 'backgroundTask' }>): void {
    const key = `${sessionId} ${event.taskId}`;
    const known = this.#kept.get(key);
    if (known === undefined && event.status !== 'running') {
      return;
    }
    const nowMs = this.#clock.monotonic();
    this.#kept.set(key, {
      id: event.taskId,
      sessionId,
      command: event.title,
      ...statusOf(event.status),
      startedAt: known?.startedAt ?? this.#clock.now(),
      startedMs: known?.startedMs ?? nowMs,
      ...(event.status === 'running' ? {} : { endedMs: nowMs }),
    });
    if (this.#kept.size > maxKept) {
      const [oldest] = this.#kept.keys();
      const ended = [...this.#kept].find(([, { endedMs }]) => endedMs !== undefined);
      this.#kept.delete(ended?.[0] ?? oldest ?? '');
    }
    this.#changed.fire({ shellId: event.taskId, sessionId });
  }
}

function statusOf(status: 'running' | 'completed' | 'failed' | 'stopped'): Pick<ShellInfo, 'status' | 'exitCode'> {
  switch (status) {
    case 'running':
    case 'failed':
      return { status };
    case 'completed':
      return { status: 'exited', exitCode: 0 };
    case 'stopped':
      return { status: 'killed' };
  }
}
