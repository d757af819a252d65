/** A piece of a terminal's output in one style. */
export interface Run {
  readonly text: string;
  /** Class names; empty for plain text. */
  readonly style: string;
}

const colours = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

// CSI, then OSC/DCS/PM/APC/SOS strings up to their terminator, then two-character escapes.
const escape =
  // eslint-disable-next-line no-control-regex -- escape sequences are what is looked for
  /(?:\u001B\[|\u009B)([0-?]*)[ -/]*([@-~])|(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C|$)|\u001B[ -/]*[0-~]/g;

interface Style {
  foreground: string;
  background: string;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
}

const plain: Style = { foreground: '', background: '', bold: false, dim: false, italic: false, underline: false };

/** Reads colours out of a terminal's output and leaves every other command out: nothing moves, links or copies. */
export function parseAnsi(output: string): Run[] {
  const text = overwriteLines(output);
  const runs: Run[] = [];
  let style = plain;
  let end = 0;
  const push = (piece: string): void => {
    if (piece !== '') {
      runs.push({ text: piece, style: classesOf(style) });
    }
  };
  for (const match of text.matchAll(escape)) {
    push(text.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[2] === 'm') {
      style = applyCodes(style, match[1] ?? '');
    }
  }
  push(text.slice(end));
  return runs;
}

/** A carriage return within a line starts it again, as progress bars do; what was written last is kept. */
function overwriteLines(output: string): string {
  if (!output.includes('\r')) {
    return output;
  }
  return output
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map((line) => {
      const versions = line.split('\r');
      return versions.findLast((version) => version !== '') ?? '';
    })
    .join('\n');
}

function applyCodes(style: Style, parameters: string): Style {
  const codes = parameters === '' ? [0] : parameters.split(/[;:]/u).map(Number);
  let next = { ...style };
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      // 256 colours and true colours cannot follow the theme: they are passed over.
      const length = codes[index + 1] === 5 ? 2 : 4;
      const low = codes[index + 1] === 5 ? codes[index + 2] : undefined;
      const name = low !== undefined && low < 16 ? colourName(low % 8, low >= 8) : '';
      next = code === 38 ? { ...next, foreground: name } : { ...next, background: name };
      index += length;
    } else {
      next = applyCode(next, code);
    }
  }
  return next;
}

function applyCode(style: Style, code: number): Style {
  if (code === 0) return plain;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 23) return { ...style, italic: false };
  if (code === 24) return { ...style, underline: false };
  if (code >= 30 && code <= 37) return { ...style, foreground: colourName(code - 30, false) };
  if (code === 39) return { ...style, foreground: '' };
  if (code >= 40 && code <= 47) return { ...style, background: colourName(code - 40, false) };
  if (code === 49) return { ...style, background: '' };
  if (code >= 90 && code <= 97) return { ...style, foreground: colourName(code - 90, true) };
  if (code >= 100 && code <= 107) return { ...style, background: colourName(code - 100, true) };
  return style;
}

function colourName(index: number, bright: boolean): string {
  return `${bright ? 'bright-' : ''}${colours[index] ?? ''}`;
}

function classesOf(style: Style): string {
  return [
    style.foreground === '' ? '' : `ansi-${style.foreground}`,
    style.background === '' ? '' : `ansi-on-${style.background}`,
    style.bold ? 'ansi-bold' : '',
    style.dim ? 'ansi-dim' : '',
    style.italic ? 'ansi-italic' : '',
    style.underline ? 'ansi-underline' : '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}
