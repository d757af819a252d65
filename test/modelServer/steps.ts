/** One block of a model's reply. */
export type ReplyBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

export interface ReplyStep {
  readonly reply: readonly ReplyBlock[];
  readonly stopReason?: string;
  /** Merged into the usage of the first event. */
  readonly usage?: Readonly<Record<string, number>>;
  readonly outputTokens?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Characters in a piece of the stream. */
  readonly chunkChars?: number;
  /** Between two pieces. */
  readonly delayMs?: number;
  /** Waits at this piece until `until` resolves. */
  readonly pause?: { readonly atChunk: number; readonly until: Promise<void> };
  /** Called before each piece, with its number. */
  readonly onPiece?: (piece: number) => void;
  /** The connection breaks before this piece of the stream. */
  readonly cutAtChunk?: number;
  /** How the stream ends before its time, after the blocks. */
  readonly fault?: 'cut' | 'stall' | { readonly type: string; readonly message: string };
}

export interface ErrorStep {
  readonly status: number;
  readonly errorType?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a server says that is not the service, or is broken. */
export interface RawStep {
  readonly raw: string;
  /** Undefined: none is named. */
  readonly contentType?: string;
  readonly status?: number;
}

/** The connection is closed without an answer. */
export interface HangUpStep {
  readonly hangUp: true;
}

export type Step = ReplyStep | ErrorStep | RawStep | HangUpStep | ((request: ModelRequest) => Step);

export interface ModelRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look deep into the body without ceremony
  readonly body: any;
  /** Whether it took a step of the script. */
  readonly main: boolean;
  /** Resolves when the client has gone away before the answer was complete. */
  readonly aborted: Promise<void>;
}

let calls = 0;

export function say(text: string): ReplyBlock {
  return { type: 'text', text };
}

export function think(thinking: string): ReplyBlock {
  return { type: 'thinking', thinking };
}

export function call(name: string, input: unknown, id?: string): ReplyBlock {
  calls += 1;
  return { type: 'tool_use', id: id ?? `toolu_test_${String(calls).padStart(4, '0')}`, name, input };
}

/** The answer to an account whose five hours are used up. */
export function planLimit(resetsAtSeconds: number): ErrorStep {
  return {
    status: 429,
    errorType: 'rate_limit_error',
    message: 'limit',
    headers: {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': String(resetsAtSeconds),
      'anthropic-ratelimit-unified-representative-claim': 'five_hour',
      'anthropic-ratelimit-unified-overage-status': 'rejected',
      'anthropic-ratelimit-unified-overage-disabled-reason': 'org_level_disabled',
      'anthropic-ratelimit-unified-5h-status': 'rejected',
      'anthropic-ratelimit-unified-5h-reset': String(resetsAtSeconds),
      'anthropic-ratelimit-unified-5h-utilization': '1',
    },
  };
}
