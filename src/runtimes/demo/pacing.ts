/** A piece of streamed text and the time before it comes. */
export interface Piece {
  readonly text: string;
  readonly pauseMs: number;
}

/** Longer words, and scripts without spaces, come in parts. */
const piecePattern = /\s*\S{1,12}\s*|\s+/gu;
const pieceMs = 45;
const fastPieceMs = 6;
const argumentPieceMs = 20;
/** Readers pause where sentences and paragraphs end. */
const sentenceMs = 120;
const paragraphMs = 220;

/** Cuts text as a model that types would stream it. The pieces together are the text; the same text gives the same pace. */
export function piecesOf(text: string, pace: 'normal' | 'fast' | 'argument'): readonly Piece[] {
  return (text.match(piecePattern) ?? []).map((piece) => ({ text: piece, pauseMs: pauseBefore(piece, pace) }));
}

function pauseBefore(piece: string, pace: 'normal' | 'fast' | 'argument'): number {
  switch (pace) {
    case 'fast':
      return fastPieceMs;
    case 'argument':
      return argumentPieceMs;
    case 'normal':
      return pieceMs + (/\n\s*\n/u.test(piece) ? paragraphMs : /[.!?:。！？：]\s*$/u.test(piece) ? sentenceMs : 0);
  }
}
