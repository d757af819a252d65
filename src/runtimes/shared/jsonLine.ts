import { isRecord, type JsonRecord, parseJson } from '../../base/json.ts';

/** CSI, OSC, a character set, saving and restoring the cursor, and the control characters that stand alone. */
// oxlint-disable-next-line no-control-regex
const terminalNoise =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[()][0-9A-Za-z]|\x1b[78=>]|[\x00-\x08\x0b-\x1f\x7f]/g;
/** What a terminal shows for Ctrl-C and its like. */
const echoedKeys = /^(?:\^[@-_])+/;
/** An event's first key follows its brace at once. */
const objectStart = '{"';

export interface JsonLine {
  /** What stood before the event, or the whole line if there is none; without escape codes. */
  readonly text: string;
  readonly event?: JsonRecord;
  /** The event as it came. */
  readonly json?: string;
}

/** The event of a line: an object with a `type`, after whatever a terminal or an error message put before it. */
export function readJsonLine(line: string): JsonLine {
  for (
    let at = line.indexOf(objectStart), tries = 0;
    at >= 0 && tries < 4;
    at = line.indexOf(objectStart, at + 1), tries++
  ) {
    const end = line.lastIndexOf('}') + 1;
    const json = line.slice(at, end);
    const event = parseJson(json);
    if (isRecord(event) && typeof event['type'] === 'string') {
      return { text: withoutNoise(line.slice(0, at)), event, json };
    }
  }
  return { text: withoutNoise(line) };
}

function withoutNoise(text: string): string {
  return text.replace(terminalNoise, '').replace(echoedKeys, '').trimEnd();
}
