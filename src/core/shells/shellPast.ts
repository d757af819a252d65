import type { ShellPast } from './shell.ts';
import type { ShellLogFile } from './shellPorts.ts';
import { UnreadOutput } from './unreadOutput.ts';

/** Of what is stored, so much comes back into memory: for the last line, and for what is told at the end. */
const recentBytes = 64 * 1024;

export interface PastFacts {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** How many bytes of output had come; undefined: not known, so as many as are stored. */
  readonly seen: number | undefined;
  readonly readTo: number;
}

/** What a shell of an earlier window brings along, from its stored output as far as that goes. */
export async function pastOf(
  { startedAt, seen, readTo }: PastFacts,
  { file, end }: { readonly file: ShellLogFile; readonly end: number },
  unreadLimitBytes: number,
): Promise<ShellPast> {
  const from = Math.max(0, end - recentBytes);
  return {
    startedAt,
    output: { ...(await lastPiece(file, from, end)), end: Math.max(seen ?? end, end) },
    unread: await firstPiece(file, readTo, Math.min(end, readTo + UnreadOutput.headBytes(unreadLimitBytes))),
  };
}

/** As much as follows each other without a gap, from the beginning on. */
async function firstPiece(file: ShellLogFile, from: number, to: number) {
  const pieces: Uint8Array[] = [];
  let at = from;
  while (at < to) {
    const piece = await file.read(at, to - at);
    if (piece?.from !== at || piece.bytes.length === 0) {
      break;
    }
    pieces.push(piece.bytes);
    at += piece.bytes.length;
  }
  return { from, bytes: joined(pieces, at - from) };
}

/** The same up to the end. */
async function lastPiece(file: ShellLogFile, from: number, to: number) {
  let found = await firstPiece(file, from, to);
  for (let at = found.from + found.bytes.length; at < to;) {
    const next = await file.read(at, to - at);
    if (next === undefined || next.bytes.length === 0) {
      return { from: to, bytes: new Uint8Array(0) };
    }
    found = await firstPiece(file, next.from, to);
    at = found.from + found.bytes.length;
  }
  return found;
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
