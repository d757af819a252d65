import { matchingLine, searchedEventTypes, searchedTextOf } from '../core/searchedText.ts';
import { decodeLine } from '../core/logRecords.ts';
import { unframeLine } from './recordFrame.ts';
import { readLines } from './logLines.ts';
import { isMissing } from './systemErrors.ts';

/** The kind of an event stands near the beginning of its line, behind the numbers. */
const kindWithin = 256;
/** How much of what came before a match is kept, to show it. */
const shownBefore = 60;

/** The first line of a session's texts that has `wanted` in it. The file is read piece by piece, none of it is kept. */
export async function findInLog(file: string, wanted: string, signal: AbortSignal): Promise<string | undefined> {
  let key: string | undefined;
  let rest = '';
  let found: string | undefined;
  const look = (line: Buffer | undefined): boolean => {
    const kind = line?.toString('latin1', 0, kindWithin) ?? '';
    if (line === undefined || !searchedEventTypes.some((type) => kind.includes(`"type":"${type}"`))) {
      return true;
    }
    const json = unframeLine(line);
    const decoded = json === undefined ? undefined : decodeLine(json);
    const piece = decoded?.kind === 'event' ? searchedTextOf(decoded.numbered.event) : undefined;
    if (piece === undefined || typeof piece.text !== 'string') {
      return true;
    }
    const text = piece.key !== undefined && piece.key === key ? rest + piece.text : piece.text;
    found = matchingLine(text, wanted);
    key = piece.key;
    rest = text.slice(-(wanted.length + shownBefore));
    return found === undefined;
  };
  try {
    await readLines(file, look, signal);
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
  }
  return found;
}
