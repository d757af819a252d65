import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Disposable } from '../base/lifecycle.ts';
import type { Clock } from '../core/ports.ts';
import { storeErrors } from '../core/storeErrors.ts';
import type { ClaimRequests } from './claimRequests.ts';
import { heartbeatMs, type HostIdentity, hostState, ownPlace, type Place, staleAfterMs } from './hostIdentity.ts';
import { startTimeAtOnce } from './processTable.ts';
import { fileMode, folderMode, isSessionId } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** A host that ends while the next one starts lets go within this time. */
export const claimPatienceMs = 5000;
const claimRetryMs = 100;
/** Whoever was asked to hand over and has said yes gets this time to save and to end its processes. */
const handOverPatienceMs = 20_000;
/** How often an owner looks whether somebody wants what it has. */
const lookMs = 250;
/** What stands in the place of a session's id in the claim on the arrangement of slots. */
export const arrangementClaim = 'arrangement';

type Owner = Pick<HostIdentity, 'place' | 'pid' | 'startTime'>;

/** The right to write one session's file. */
export interface Claim {
  release(): void;
}

export interface HandOvers {
  readonly requests: ClaimRequests;
  /** Another window wants this session: it is to be let go. */
  readonly onWanted: (id: string) => void;
  /** An owner that has just been left may still say that it stays: answers count from this monotonic time on. */
  readonly answersCountFromMs: number;
}

/**
 * Sees to it that two processes never write the same session. Who wants a session first publishes a file of its own, whose
 * name says everything, and looks then who else has one: of two that come at the same time at least the later one sees the
 * other and gives way. A name is never used twice, so that removing the file of a dead owner cannot hit a living one.
 */
export class SessionClaims {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #self: Owner = {
    place: ownPlace(),
    pid: process.pid,
    startTime: startTimeAtOnce(process.pid) ?? '0',
  };
  readonly #held = new Map<string, string>();
  readonly #handOvers: HandOvers | undefined;
  #heartbeat: Disposable | undefined;
  #looking: Disposable | undefined;
  #isLeaving = false;

  /** Without `handOvers` nobody is asked, and nobody gets an answer. */
  constructor(folder: string, clock: Clock, handOvers?: HandOvers) {
    this.#folder = folder;
    this.#clock = clock;
    this.#handOvers = handOvers;
  }

  /** This window ends: whoever asks for what it has is to wait. */
  leave(): void {
    this.#isLeaving = true;
  }

  /** Takes the session, or says who has it. Throws what the system says. */
  tryTake(id: string): Claim | Owner {
    const { place, pid, startTime } = this.#self;
    const name = [id, placeText(place), pid, startTime, randomBytes(6).toString('hex')].join('.');
    const file = path.join(this.#folder, name);
    this.#publish(file);
    let other: Owner | undefined;
    try {
      other = this.#livingOwner(id, name, fs.statSync(file).mtimeMs);
    } catch (error) {
      fs.rmSync(file, { force: true });
      throw error;
    }
    if (other !== undefined) {
      fs.rmSync(file, { force: true });
      return other;
    }
    this.#held.set(name, file);
    this.#beat();
    this.#look();
    return { release: () => this.#release(name) };
  }

  /** Waits for the session to be free; rejects with `sessionLocked` when its owner says that it stays, or at the end of the patience. */
  async take(id: string, patienceMs: number = claimPatienceMs): Promise<Claim> {
    const free = this.tryTake(id);
    if ('release' in free) {
      return free;
    }
    const deadline = this.#clock.monotonic() + patienceMs;
    let request = this.#handOvers?.requests.place(id, 'ask');
    try {
      for (;;) {
        await this.#pause();
        const isAnswered = request?.isAnswered === true;
        const claim = this.tryTake(id);
        if ('release' in claim) {
          return claim;
        }
        const now = this.#clock.monotonic();
        if (now >= deadline || (isAnswered && now >= (this.#handOvers?.answersCountFromMs ?? 0))) {
          throw storeErrors.sessionLocked(id, claim.pid);
        }
        if (isAnswered) {
          request = this.#handOvers?.requests.place(id, 'ask');
        }
      }
    } finally {
      request?.withdraw();
    }
  }

  /** Asks a living owner to let go. Rejects with `noAnswer` after five seconds without one. */
  async takeOver(id: string): Promise<Claim> {
    const free = this.tryTake(id);
    if ('release' in free) {
      return free;
    }
    const request = this.#handOvers?.requests.place(id, 'take');
    try {
      const askedAt = this.#clock.monotonic();
      for (;;) {
        await this.#pause();
        const isAnswered = request?.isAnswered === true;
        const claim = this.tryTake(id);
        if ('release' in claim) {
          return claim;
        }
        const waitedMs = this.#clock.monotonic() - askedAt;
        if (!isAnswered && waitedMs >= claimPatienceMs) {
          throw storeErrors.noAnswer(id, claim.pid);
        }
        if (waitedMs >= handOverPatienceMs) {
          throw storeErrors.notHandedOver(id, claim.pid);
        }
      }
    } finally {
      request?.withdraw();
    }
  }

  /** Whether somebody, here or elsewhere, writes this session now. */
  isTaken(id: string): boolean {
    try {
      return this.#livingOwner(id, undefined, this.#clock.now()) !== undefined;
    } catch {
      return false;
    }
  }

  /** Two that wait and come at the same time would give way to each other for ever: each waits for its own while. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(claimRetryMs * (1 + Math.random()), resolve);
    });
  }

  #look(): void {
    const handOvers = this.#handOvers;
    if (handOvers === undefined) {
      return;
    }
    this.#looking ??= this.#clock.after(lookMs, () => {
      this.#looking = undefined;
      tryTo(() => this.#answer(handOvers));
      if (this.#held.size > 0) {
        this.#look();
      }
    });
  }

  #answer({ requests, onWanted }: HandOvers): void {
    for (const { claimed, wish, answer } of requests.open(this.#clock.now())) {
      const isOurs = [...this.#held.keys()].some((name) => name.startsWith(`${claimed}.`));
      if (isOurs && wish === 'take') {
        answer();
        onWanted(claimed);
      } else if (isOurs && !this.#isLeaving) {
        answer();
      }
    }
  }

  #publish(file: string): void {
    const create = () => fs.closeSync(fs.openSync(file, 'wx', fileMode));
    try {
      create();
    } catch (error) {
      if (!isMissing(error)) {
        throw error;
      }
      fs.mkdirSync(this.#folder, { recursive: true, mode: folderMode });
      create();
    }
  }

  /** Another owner of the session that lives. What dead owners left is removed on the way. */
  #livingOwner(id: string, ownName: string | undefined, nowMs: number): Owner | undefined {
    let found: Owner | undefined;
    for (const name of fs.readdirSync(this.#folder)) {
      const owner = name === ownName ? undefined : parseName(name);
      if (owner === undefined) {
        continue;
      }
      if (this.#held.has(name) || this.#lives(owner, path.join(this.#folder, name), nowMs)) {
        found ??= owner.id === id ? owner : undefined;
      } else {
        tryTo(() => fs.rmSync(path.join(this.#folder, name), { force: true }));
      }
    }
    return found;
  }

  #lives(owner: Owner, file: string, nowMs: number): boolean {
    // The file's own clock is compared with itself: both times were given by the same file system.
    const touchedAt = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
    const silentMs = nowMs - touchedAt;
    switch (hostState(owner, this.#self.place, { startTime: startTimeAtOnce(owner.pid), silentMs })) {
      case 'alive':
        return true;
      case 'elsewhere':
        return silentMs < staleAfterMs;
      case 'dead':
      case 'otherBoot':
        return false;
    }
  }

  #beat(): void {
    this.#heartbeat ??= this.#clock.after(heartbeatMs, () => {
      this.#heartbeat = undefined;
      for (const file of this.#held.values()) {
        try {
          touch(file);
        } catch {
          // The folder is gone or cannot be written: the claim is published again once it can be.
          tryTo(() => this.#publish(file));
        }
      }
      if (this.#held.size > 0) {
        this.#beat();
      }
    });
  }

  #release(name: string): void {
    const file = this.#held.get(name);
    if (file === undefined) {
      return;
    }
    this.#held.delete(name);
    if (this.#held.size === 0) {
      this.#heartbeat?.dispose();
      this.#heartbeat = undefined;
      this.#looking?.dispose();
      this.#looking = undefined;
    }
    // Where it cannot be removed it counts for nothing once this process has ended.
    tryTo(() => fs.rmSync(file, { force: true }));
  }
}

function tryTo(run: () => void): void {
  try {
    run();
  } catch {
    // Whoever calls this goes on without it.
  }
}

/** Gives the file the present time of its file system, which may not be the time of this machine. */
function touch(file: string): void {
  const fd = fs.openSync(file, 'r+');
  try {
    fs.writeSync(fd, '.', 0);
  } finally {
    fs.closeSync(fd);
  }
}

function placeText({ machine, boot, namespace }: Place): string {
  return [machine, boot, namespace].join('-');
}

/** What names a place otherwise, an earlier version for example, is elsewhere: it counts as long as it shows that it lives. */
function parsePlace(text: string): Place {
  const [machine = '', boot = '', namespace = ''] = text.split('-');
  return { machine, boot, namespace };
}

function parseName(name: string): (Owner & { readonly id: string }) | undefined {
  const [id = '', place = '', pid = '', startTime = '', token = '', ...rest] = name.split('.');
  return (isSessionId(id) || id === arrangementClaim) && /^[1-9]\d*$/.test(pid) && token !== '' && rest.length === 0
    ? { id, place: parsePlace(place), pid: Number(pid), startTime }
    : undefined;
}
