import path from 'node:path';
import { asRecord, parseJson } from '../base/json.ts';
import { frameLine, newline, unframeLine } from './recordFrame.ts';
import { isSessionId } from './storePaths.ts';

/** What a later window has to know of a shell that it could take back. */
export interface KeptCard {
  readonly id: string;
  readonly sessionId: string;
  /** The id of the ledger that has the shell's processes, and of the entry in it. */
  readonly ledger: string;
  readonly entry: string;
  /** Without secrets. */
  readonly command: string;
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly timeoutSeconds: number | undefined;
}

/** What changes of it while it runs. */
export interface KeptState {
  /** How many bytes of output its window has taken. */
  readonly seen: number;
  /** The model has read the output up to here. */
  readonly readTo: number;
  /** It had a place in the list. */
  readonly isListed: boolean;
  /** Somebody has asked for its end. */
  readonly isEnding: boolean;
}

/** No card is larger. */
export const maxCardBytes = 64 * 1024;
const maxCommandCharacters = 8_000;
const format = 1;
/** The clock of the machine may have been set back. */
const toleranceMs = 24 * 3600 * 1000;

export const stateBytes = 32;
const stateMagic = 0x67725f6b65707431n;

export function encodeCard(card: KeptCard): Buffer {
  return frameLine(JSON.stringify({ format, ...card, command: card.command.slice(0, maxCommandCharacters) }));
}

/** Never throws, whatever the bytes are. The card has to be that of the shell whose folder it is in. */
export function decodeCard(bytes: Buffer, shellId: string, nowMs: number): KeptCard | undefined {
  const end = bytes.at(-1) === newline ? bytes.length - 1 : bytes.length;
  const json = bytes.length > maxCardBytes ? undefined : unframeLine(bytes, 0, end);
  const card = asRecord(json === undefined ? undefined : parseJson(json));
  const { id, sessionId, ledger, entry, command, cwd, startedAt, timeoutSeconds } = card;
  const isOurs = card['format'] === format && id === shellId && isShellId(id);
  const hasOwner = isText(sessionId) && isSessionId(sessionId) && isHex(ledger, 16) && isHex(entry, 12);
  const isWhole = isText(command) && command !== '' && isText(cwd) && path.isAbsolute(cwd);
  const hasTime = isAmount(startedAt) && startedAt <= nowMs + toleranceMs;
  if (!isOurs || !hasOwner || !isWhole || !hasTime || !(timeoutSeconds === undefined || isAmount(timeoutSeconds))) {
    return undefined;
  }
  return { id, sessionId, ledger, entry, command, cwd, startedAt, timeoutSeconds };
}

export function isShellId(value: unknown): value is string {
  return isHex(value, 32);
}

/** Always of the same length, so that it is written over at once. */
export function encodeState({ seen, readTo, isListed, isEnding }: KeptState): Buffer {
  const bytes = Buffer.alloc(stateBytes);
  const flags = BigInt((isListed ? 1 : 0) | (isEnding ? 2 : 0));
  const words = [BigInt(seen), BigInt(readTo), flags];
  for (const [at, word] of [...words, checkOf(words)].entries()) {
    bytes.writeBigUInt64LE(word, at * 8);
  }
  return bytes;
}

/** Undefined: it is not what was written. */
export function decodeState(bytes: Buffer): KeptState | undefined {
  if (bytes.length !== stateBytes) {
    return undefined;
  }
  const [seen = 0n, readTo = 0n, flags = 0n, check] = [0, 8, 16, 24].map((at) => bytes.readBigUInt64LE(at));
  const isSane = readTo <= seen && seen <= BigInt(Number.MAX_SAFE_INTEGER) && flags <= 3n;
  return isSane && check === checkOf([seen, readTo, flags])
    ? { seen: Number(seen), readTo: Number(readTo), isListed: (flags & 1n) !== 0n, isEnding: (flags & 2n) !== 0n }
    : undefined;
}

function checkOf(words: readonly bigint[]): bigint {
  return words.reduce((check, word) => BigInt.asUintN(64, check * 31n + word), stateMagic);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isHex(value: unknown, length: number): value is string {
  return isText(value) && value.length === length && /^[0-9a-f]+$/.test(value);
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
