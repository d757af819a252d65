import { isRecord } from '../../base/json.ts';

/** A call of one of our tools, as it was decided on and as it comes to be run. */
export interface PermittedCall {
  readonly toolCallId: string | undefined;
  readonly name: string;
  readonly input: unknown;
}

/** A call runs right after it was allowed, so that few are open at a time. */
const maxPermits = 256;

/** Calls that were allowed and have not run: each runs once, with exactly the arguments that were decided on. */
export class ToolPermits {
  readonly #permits = new Map<string, string>();

  allow(call: PermittedCall): void {
    const sameness = samenessOf(call);
    if (sameness === undefined) {
      return;
    }
    this.#permits.set(call.toolCallId ?? sameness, sameness);
    const [oldest] = this.#permits.keys();
    if (this.#permits.size > maxPermits && oldest !== undefined) {
      this.#permits.delete(oldest);
    }
  }

  /** Takes the permit for a call; false if there is none. */
  take(call: PermittedCall): boolean {
    const sameness = samenessOf(call);
    const key = call.toolCallId ?? [...this.#permits].find(([, allowed]) => allowed === sameness)?.[0];
    if (key === undefined || sameness === undefined || this.#permits.get(key) !== sameness) {
      return false;
    }
    return this.#permits.delete(key);
  }

  clear(): void {
    this.#permits.clear();
  }
}

/** The same text for the same tool and arguments, in whatever order their fields stand; undefined if they have none. */
function samenessOf({ name, input }: PermittedCall): string | undefined {
  try {
    return JSON.stringify([name, input ?? {}], (_key, value: unknown) =>
      isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
    );
  } catch {
    return undefined;
  }
}
