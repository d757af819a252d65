import { asNumber, asRecord, type JsonRecord } from '../../base/json.ts';
import type { UsageDelta } from '../../core/sessionEvents.ts';

const tokenKeys = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const;
type Tokens = Readonly<Record<(typeof tokenKeys)[number], number>>;

const none: Tokens = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/**
 * Turns what the CLI reports into differences. Its cost and its usage by model are totals: of the process, and in some
 * versions of the whole conversation, also across a resume. The newest versions tell the difference themselves.
 */
export class UsageMeter {
  readonly #resumed: boolean;
  #costBaseUsd: number | undefined;
  #tokenBase: Tokens | undefined;
  #streamed: Tokens = none;
  #total: UsageDelta | undefined;

  constructor(resumed: boolean) {
    this.#resumed = resumed;
  }

  /** Everything reported so far; absent until there was anything. */
  get total(): UsageDelta | undefined {
    return this.#total;
  }

  /** The usage of a model call as the stream tells it; used only if no result follows that knows better. */
  streamed(usage: JsonRecord, phase: 'start' | 'end'): void {
    const { outputTokens, ...input } = apiTokens(usage);
    // The end of a message repeats its input.
    this.#streamed = add(this.#streamed, phase === 'start' ? { ...input, outputTokens: 0 } : { ...none, outputTokens });
  }

  /** The usage of a turn that ended with `result`. */
  ofResult(result: JsonRecord): UsageDelta | undefined {
    const total = asNumber(result['total_cost_usd']);
    const turn = apiTokens(asRecord(result['usage']));
    const sinceLast = Object.values(asRecord(result['model_usage_since_last_result']));
    let delta: UsageDelta;
    if (sinceLast.length > 0) {
      delta = { ...sum(sinceLast), costUsd: costOf(sinceLast) };
    } else {
      const accumulated = sum(Object.values(asRecord(result['modelUsage'])));
      const costUsd = this.#costSinceLast(total, accumulated, turn);
      delta = { ...this.#tokensSinceLast(accumulated, turn), ...(costUsd === undefined ? {} : { costUsd }) };
      this.#tokenBase = isNothing(accumulated) ? this.#tokenBase : accumulated;
    }
    this.#costBaseUsd = total ?? this.#costBaseUsd;
    return this.#report(delta);
  }

  /** The usage of a turn that ended without a result. */
  ofLostTurn(): UsageDelta | undefined {
    return this.#report(this.#streamed);
  }

  /** The totals count sub-agents too, which the turn's own figures leave out. */
  #tokensSinceLast(accumulated: Tokens, turn: Tokens): Tokens {
    const base = this.#tokenBase ?? (this.#resumed ? undefined : none);
    const known = isNothing(turn) ? this.#streamed : turn;
    if (base === undefined || tokenKeys.some((key) => accumulated[key] < base[key] + known[key])) {
      return known;
    }
    return subtract(accumulated, base);
  }

  #costSinceLast(total: number | undefined, accumulated: Tokens, turn: Tokens): number | undefined {
    if (total === undefined) {
      return undefined;
    }
    if (this.#costBaseUsd !== undefined) {
      return total >= this.#costBaseUsd ? total - this.#costBaseUsd : total;
    }
    // The first result after a resume may carry the cost of earlier runs; it does not if it carries no earlier tokens.
    return this.#resumed && tokenKeys.some((key) => accumulated[key] !== turn[key]) ? undefined : total;
  }

  #report(delta: UsageDelta): UsageDelta | undefined {
    this.#streamed = none;
    if (isNothing(delta) && (delta.costUsd ?? 0) === 0) {
      return undefined;
    }
    this.#total = addUsage(this.#total, delta);
    return delta;
  }
}

/** The cost of a sum is known as far as that of its parts is. */
export function addUsage(a: UsageDelta | undefined, b: UsageDelta | undefined): UsageDelta | undefined {
  if (a === undefined || b === undefined) {
    return a ?? b;
  }
  const costUsd = a.costUsd === undefined && b.costUsd === undefined ? undefined : (a.costUsd ?? 0) + (b.costUsd ?? 0);
  return { ...add(a, b), ...(costUsd === undefined ? {} : { costUsd }) };
}

export function tokensOf(usage: UsageDelta | undefined): number {
  return usage === undefined ? 0 : tokenKeys.reduce((total, key) => total + usage[key], 0);
}

function apiTokens(usage: JsonRecord): Tokens {
  return {
    inputTokens: count(usage['input_tokens']),
    outputTokens: count(usage['output_tokens']),
    cacheReadTokens: count(usage['cache_read_input_tokens']),
    cacheWriteTokens: count(usage['cache_creation_input_tokens']),
  };
}

function sum(models: readonly unknown[]): Tokens {
  return models.map(asRecord).reduce<Tokens>(
    (total, model) =>
      add(total, {
        inputTokens: count(model['inputTokens']),
        outputTokens: count(model['outputTokens']),
        cacheReadTokens: count(model['cacheReadInputTokens']),
        cacheWriteTokens: count(model['cacheCreationInputTokens']),
      }),
    none,
  );
}

function costOf(models: readonly unknown[]): number {
  return models.reduce<number>((total, model) => total + (asNumber(asRecord(model)['costUSD']) ?? 0), 0);
}

function count(value: unknown): number {
  return Math.max(0, asNumber(value) ?? 0);
}

function add(a: Tokens, b: Tokens): Tokens {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  };
}

function subtract(a: Tokens, b: Tokens): Tokens {
  return {
    inputTokens: a.inputTokens - b.inputTokens,
    outputTokens: a.outputTokens - b.outputTokens,
    cacheReadTokens: a.cacheReadTokens - b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens - b.cacheWriteTokens,
  };
}

function isNothing(tokens: Tokens): boolean {
  return tokenKeys.every((key) => tokens[key] === 0);
}
