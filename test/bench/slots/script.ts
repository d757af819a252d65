/** Sessions in the background; one more is on stage. */
export const slots = 16;
export const stageNonce = 'nonce-stage';
export const pieces = 150;
/** Thirty pieces a second, as a fast model streams them. */
export const pieceDelayMs = 33;
export const pieceChars = 32;

export function slotNonce(slot: number): string {
  return `nonce-slot${String(slot).padStart(2, '0')}`;
}

/** Every piece begins with its number, so that its way can be followed. */
export const script: string = Array.from({ length: pieces }, (_, index) =>
  `#${String(index).padStart(5, '0')} some words of a model `.padEnd(pieceChars, '.'),
).join('');

/** The number of the last piece in a text. */
export function lastPieceIn(text: string): number | undefined {
  const at = text.lastIndexOf('#');
  const number = Number(text.slice(at + 1, at + 6));
  return at < 0 || Number.isNaN(number) ? undefined : number;
}

/** Milliseconds that mean the same in every process of this machine. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

/** What the bench tells a host: who shall speak, to measure from now on, to do what is measured last, to go. */
export type ToHost = 'background' | 'everybody' | 'measure' | 'last' | 'end';

export interface Measured {
  /** Of one core, while the streams ran. */
  readonly cpuShare: number;
  readonly latenessMs: readonly number[];
  /** When each piece of the session on stage had come: its number, and the time. */
  readonly seen: readonly (readonly [piece: number, at: number])[];
  /** Messages that the panel was sent. */
  readonly posted: number;
  readonly wallMs: number;
}

export interface Last {
  readonly heapPerSessionKib: number;
  readonly switchMs: readonly number[];
  /** Messages that the panel was sent for all switches. */
  readonly posted: number;
}

export type FromHost =
  | { readonly type: 'started' }
  | { readonly type: 'measuring' }
  | { readonly type: 'measured'; readonly measured: Measured }
  | { readonly type: 'last'; readonly last: Last };
