import type { Redactor } from '../redact.ts';

/** Control sequences of terminals: CSI, strings (OSC, DCS, PM, APC, SOS) up to their end, and the short ones. */
const controlSequences =
  // eslint-disable-next-line no-control-regex -- these characters are what is looked for
  /\u001B(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\n\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)?|[ -/]*[0-~]?)|\u009B[0-?]*[ -/]*[@-~]?/g;
/** Controls that move nothing and show nothing. */
// eslint-disable-next-line no-control-regex -- these characters are what is looked for
const otherControls = /[\u0000-\u0007\u000B\u000C\u000E-\u001A\u001C-\u001F\u007F-\u009F]/g;
/** A line that was written over more often than this keeps its newest layers. */
const maxLayers = 1000;

/** Text as a person would read it on a terminal: without escape codes, and what was written over is gone. */
export function plainText(text: string): string {
  const plain = text.replace(controlSequences, '').replaceAll('\r\n', '\n');
  return plain
    .split('\n')
    .map((line) => (/[\r\b]/.test(line) ? overwritten(line) : line))
    .join('\n')
    .replace(otherControls, '');
}

/** What is told of a shell when it has ended: the last characters of what it said, plain and without secrets. */
export function endOfOutput(text: string, characters: number, redactor: Redactor): string {
  // Redacted before it is cut: half a secret would not be recognised.
  const plain = redactor.redact(plainText(text)).trimEnd();
  const tail = plain.slice(-characters);
  return /^[\uDC00-\uDFFF]/.test(tail) ? tail.slice(1) : tail;
}

/** The last line that says something, for lists. */
export function lastLineOf(text: string, characters: number): string | undefined {
  const line = plainText(text)
    .split('\n')
    .findLast((candidate) => candidate.trim() !== '')
    ?.trim();
  return line === undefined || line.length <= characters ? line : `${line.slice(0, characters - 1)}…`;
}

/** Carriage returns go back to the beginning of the line, backspaces by one: what comes then stands in the place of the old. */
function overwritten(line: string): string {
  const cells: string[] = [];
  for (const layer of line.split('\r').slice(-maxLayers)) {
    let at = 0;
    for (const character of layer) {
      if (character === '\b') {
        at = Math.max(0, at - 1);
      } else {
        cells[at] = character;
        at += 1;
      }
    }
  }
  return cells.join('');
}
