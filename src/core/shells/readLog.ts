import { decodeUtf8, openCharacterBytes, restOfCharacterBytes } from '../../base/utf8.ts';
import { readStoredOutput } from './readStoredOutput.ts';
import type { Shell } from './shell.ts';

/** What is read at a time. */
const pieceBytes = 256 * 1024;

export interface LogPiece {
  readonly text: string;
  readonly isError: boolean;
}

export interface LogReading {
  readonly text: string;
  /** The same, apart by whether it is error output. */
  readonly pieces: readonly LogPiece[];
  /** Where reading goes on; the same offset again when nothing has come. */
  readonly nextOffset: number;
  /** How many bytes from the offset on are kept no more. */
  readonly dropped: number;
}

/** Reads a shell's output from an offset on, wherever it is. Nobody else's reading is moved by it. */
export async function readLog(shell: Shell, offset = 0): Promise<LogReading> {
  const asked = Math.min(Math.max(0, Math.floor(offset) || 0), shell.output.end);
  const { from, bytes } = (await readStoredOutput(shell, asked, pieceBytes)) ?? {
    from: shell.output.end,
    bytes: new Uint8Array(0),
  };
  // Behind a gap a character may be cut.
  const skipped = from > asked ? restOfCharacterBytes(bytes) : 0;
  const isEnd = !shell.isActive && from + bytes.length >= shell.output.end;
  const open = isEnd ? 0 : openCharacterBytes(bytes);
  const whole = bytes.subarray(skipped, bytes.length - open);
  const start = from + skipped;
  return {
    text: decodeUtf8(whole),
    pieces: piecesOf(shell, start, whole),
    nextOffset: start + whole.length,
    dropped: start - asked,
  };
}

function piecesOf(shell: Shell, start: number, bytes: Uint8Array): readonly LogPiece[] {
  const pieces: LogPiece[] = [];
  let at = 0;
  const add = (to: number, isError: boolean): void => {
    if (to > at) {
      pieces.push({ text: decodeUtf8(bytes.subarray(at, to)), isError });
      at = to;
    }
  };
  for (const { from, to } of shell.output.marks.within(start, start + bytes.length)) {
    add(from - start, false);
    add(to - start, true);
  }
  add(bytes.length, false);
  return pieces;
}
