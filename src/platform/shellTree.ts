import { constants } from 'node:os';
import { Deferred } from '../base/async.ts';
import type { KillResult } from '../core/shells/shellPorts.ts';
import type { ProcessEntry } from './processEntry.ts';
import { hasGroup, readStat, signalGroup, startTimeOf } from './processTable.ts';
import { endTrees, findMembers } from './processTree.ts';
import { within } from './within.ts';
import { identityOf, type TreeRoot } from './treeMembers.ts';

/** A group that does nothing about a signal is gone by then. */
const groupPatienceMs = 10;

export interface ShellTreeOptions {
  readonly pid: number;
  /** What the environment of its processes carries. */
  readonly mark: string;
  /** The leader only holds the terminal: it is no member, and is not signalled with them. */
  readonly sparesLeader: boolean;
  /** When the leader started, if it is another host's child. */
  readonly adoptedStartTime?: string;
  /** It has a namespace of its own, whose keepers end by themselves when it is empty. */
  readonly isNamespace: boolean;
}

/** Everything that a shell has started, wherever it went. */
export class ShellTree {
  readonly #options: ShellTreeOptions;
  /** What was found once, by `identityOf`. */
  readonly #known = new Set<string>();
  /** The processes that hold the namespace together. */
  readonly #keepers = new Set<number>();
  readonly #ready: Promise<void>;
  #startTime: string | undefined;
  readonly #leaderExit = new Deferred<void>();
  #hasLeader = true;

  constructor(options: ShellTreeOptions) {
    this.#options = options;
    const now = process.platform === 'linux' ? readStat(options.pid)?.startTime : undefined;
    this.#startTime = options.adoptedStartTime ?? now;
    const isKnown = process.platform === 'linux' || options.adoptedStartTime !== undefined;
    this.#ready = isKnown ? Promise.resolve() : this.#readStartTime();
  }

  get root(): TreeRoot {
    const { pid, mark } = this.#options;
    const isOwnChild = this.#hasLeader && this.#options.adoptedStartTime === undefined;
    return { pid, startTime: this.#startTime, mark, isOwnChild };
  }

  get startTime(): string | undefined {
    return this.#startTime;
  }

  /** Who only holds the terminal or the namespace for the others. */
  get holders(): readonly number[] {
    const { pid, sparesLeader } = this.#options;
    return sparesLeader ? [pid, ...this.#keepers] : [...this.#keepers];
  }

  /** The leader was waited for; from now on its number may become somebody else's. */
  leaderIsGone(): void {
    this.#hasLeader = false;
    this.#leaderExit.resolve();
  }

  /** Its living processes. */
  async members(): Promise<readonly ProcessEntry[]> {
    await this.#ready;
    const found = await findMembers([this.root], this.#known, { bornAfter: this.#startTime });
    this.#noteKeepers(found);
    const { pid, sparesLeader } = this.#options;
    const members = found.filter((entry) => !this.#keepers.has(entry.pid) && !(sparesLeader && entry.pid === pid));
    for (const entry of members) {
      this.#known.add(identityOf(entry));
    }
    return members;
  }

  /** Whether one of those that were found last still lives; cheaper than finding them again. */
  anyAlive(entries: readonly ProcessEntry[]): boolean {
    return entries.some(({ pid, startTime }) => {
      const stat = process.platform === 'linux' ? readStat(pid) : undefined;
      return process.platform !== 'linux' || (stat?.startTime === startTime && !stat.zombie);
    });
  }

  /** Ends all of it: asks, kills after `graceMs`, and looks until nothing is left. */
  async end(graceMs: number): Promise<KillResult> {
    await this.#ready;
    const { pid } = this.#options;
    let signal: number | undefined;
    let foundAny = false;
    const note = (entry: Pick<ProcessEntry, 'pid' | 'parent'>, sent: 'SIGTERM' | 'SIGKILL'): void => {
      foundAny = true;
      if (this.#isShell(entry)) {
        signal = constants.signals[sent];
      }
    };
    if (this.#options.isNamespace) {
      await this.members();
    }
    const isAsked = this.#askGroup(note);
    if (isAsked) {
      await this.#groupIsGone();
    }
    const left = await endTrees([this.root], {
      graceMs,
      spare: this.#options.sparesLeader ? pid : undefined,
      bornAfter: this.#startTime,
      known: this.#known,
      asks: (entry) => !this.#keepers.has(entry.pid) && !(isAsked && entry.group === pid),
      onFound: () => {
        foundAny = true;
      },
      onSignal: note,
    });
    return { survivors: left.map((entry) => entry.pid), signal, foundAny };
  }

  /** The whole group at once, before anybody has been looked for. */
  #askGroup(note: (entry: Pick<ProcessEntry, 'pid' | 'parent'>, sent: 'SIGTERM') => void): boolean {
    const { pid, sparesLeader, isNamespace, adoptedStartTime } = this.#options;
    if (sparesLeader || isNamespace || !this.#hasLeader) {
      return false;
    }
    if (adoptedStartTime !== undefined && process.platform !== 'linux') {
      // The number may be somebody else's by now, and the system does not tell at once.
      return false;
    }
    // Stopped ones have to go on to end.
    const leader = signalGroup({ pid, startTime: this.#startTime }, 'SIGTERM', 'SIGCONT');
    // One that has exited already is not ended by this; what is left of its group is found and noted below.
    if (leader === 'alive') {
      note({ pid, parent: process.pid }, 'SIGTERM');
    }
    return leader !== undefined;
  }

  /** Looking for processes takes longer than most need to end: the group gets a moment first. */
  async #groupIsGone(): Promise<void> {
    const deadline = performance.now() + groupPatienceMs;
    await within(this.#leaderExit.promise, groupPatienceMs);
    while (performance.now() < deadline && hasGroup(this.#options.pid)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Whether it can be the shell itself: the leader, or the first that the leader or the namespace has started. */
  #isShell({ pid, parent }: Pick<ProcessEntry, 'pid' | 'parent'>): boolean {
    const { sparesLeader, isNamespace, pid: leader } = this.#options;
    return isNamespace ? this.#keepers.has(parent) : sparesLeader ? parent === leader : pid === leader;
  }

  /** Two processes in a line: the one that made the namespace, and its first process. */
  #noteKeepers(found: readonly ProcessEntry[]): void {
    const { pid, sparesLeader, isNamespace } = this.#options;
    if (!isNamespace) {
      return;
    }
    const makers = found.filter((entry) => (sparesLeader ? entry.parent : entry.pid) === pid);
    for (const maker of makers) {
      this.#keepers.add(maker.pid);
      for (const { pid: first } of found.filter(({ parent }) => parent === maker.pid)) {
        this.#keepers.add(first);
      }
    }
  }

  async #readStartTime(): Promise<void> {
    this.#startTime = await startTimeOf(this.#options.pid);
  }
}
