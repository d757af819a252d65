import type { Ids } from '../ports.ts';
import type { Answer, ApprovalGate, ToolRequest } from '../runtime.ts';
import type { Grant } from './judgement.ts';

export type PlanAnswer = Awaited<ReturnType<ApprovalGate['approvePlan']>>;
export type Answers = Readonly<Record<string, string | readonly string[]>>;

export type OpenRequest =
  | {
      readonly kind: 'approval';
      readonly request: ToolRequest;
      readonly reason: string;
      readonly grant: Grant | undefined;
      readonly settle: (answer: Answer) => void;
    }
  | { readonly kind: 'plan'; readonly settle: (answer: PlanAnswer) => void }
  | { readonly kind: 'question'; readonly settle: (answers: Answers | undefined) => void };

/** What waits for the person, for as long as they take. Each settles exactly once: by whoever takes it out, or withdrawn. */
export class OpenRequests {
  readonly #ids: Ids;
  readonly #onWithdrawn: (id: string, open: OpenRequest) => void;
  readonly #open = new Map<string, OpenRequest>();

  /** `onWithdrawn` is called before whoever waits is let go. */
  constructor(ids: Ids, onWithdrawn: (id: string, open: OpenRequest) => void) {
    this.#ids = ids;
    this.#onWithdrawn = onWithdrawn;
  }

  get(id: string): OpenRequest | undefined {
    return this.#open.get(id);
  }

  /** A copy: what is open may be settled while it is gone through. */
  all(): readonly (readonly [string, OpenRequest])[] {
    return [...this.#open];
  }

  /** Takes it out, to be settled by the caller. False if it is no longer open. */
  take(id: string): boolean {
    return this.#open.delete(id);
  }

  /** Opens a request; it is withdrawn when `signal` aborts. */
  wait<T>(
    signal: AbortSignal,
    withdrawn: T,
    open: (settle: (value: T) => void) => OpenRequest,
  ): { readonly id: string; readonly answer: Promise<T> } {
    const id = this.#ids.uuid();
    const answer = new Promise<T>((resolve) => {
      const onAbort = (): void => {
        this.withdraw(id);
        resolve(withdrawn);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#open.set(
        id,
        open((value) => {
          signal.removeEventListener('abort', onAbort);
          resolve(value);
        }),
      );
    });
    return { id, answer };
  }

  withdraw(id: string): void {
    const open = this.#open.get(id);
    if (open === undefined) {
      return;
    }
    this.#open.delete(id);
    this.#onWithdrawn(id, open);
    settleWithoutAnswer(open);
  }

  /** Whoever waits is let go, and nothing is said of it: in the log the requests stay open. */
  abandon(): void {
    for (const open of this.#open.values()) {
      settleWithoutAnswer(open);
    }
    this.#open.clear();
  }
}

function settleWithoutAnswer(open: OpenRequest): void {
  if (open.kind === 'question') {
    open.settle(undefined);
  } else {
    open.settle({ kind: 'withdrawn' });
  }
}
