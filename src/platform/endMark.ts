/** Frames the marks that the wrapping shell prints; no program prints it by accident together with the nonce. */
const frame = '\x1e';
const frameByte = 0x1e;

/** The longest tail of a mark after its needle: a kind, a number and the closing frame. */
const maxTailBytes = 16;

/**
 * Runs `"$@"` with its input from a FIFO and its output on the raw terminal. The start mark says that the FIFO is open,
 * so that its name can go. The shell stops itself after the end mark: it exits only when the reader has everything, so
 * that the exit cannot overtake the output.
 */
export const markingScript = [
  'gr_in=$1; gr_mark=$2; shift 2',
  'stty raw -echo 2>/dev/null',
  'exec <"$gr_in" || exit 126',
  String.raw`printf '\036%s S0\036' "$gr_mark"`,
  '"$@"',
  String.raw`printf '\036%s E%d\036' "$gr_mark" $?`,
  'kill -STOP $$',
].join('\n');

/**
 * Runs `"$@"` on the terminal as it is, with its input from there. What the keys of the terminal send is for the program:
 * the shell that waits hears it and goes on. Only the end of the terminal, which is that of its host, ends both.
 * A key that interrupts throws away what the terminal has not handed on yet, the end mark too: `noflsh` keeps that, and
 * has to be set from where the program may have left us, in the background.
 */
export const terminalScript = [
  'trap : INT QUIT TERM TSTP',
  'gr_mark=$1; shift',
  '"$@"',
  'gr_code=$?',
  "trap '' INT QUIT TERM TSTP TTOU",
  'stty noflsh 2>/dev/null',
  String.raw`printf '\036%s E%d\036' "$gr_mark" $gr_code`,
  'kill -STOP $$',
].join('\n');

/** What the other end of the terminal writes to learn, by a `started`, that everything before it was read. */
export function barrierMark(nonce: string): string {
  return `${frame}${nonce} S1${frame}`;
}

export type MarkedPart =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'started' }
  | { readonly kind: 'ended'; readonly code: number };

/** Takes the marks out of a stream of bytes, wherever they stand and however they are split. Nothing else is changed. */
export class MarkScanner {
  readonly #needle: Buffer;
  #held: Buffer = Buffer.alloc(0);

  constructor(nonce: string) {
    this.#needle = Buffer.from(`${frame}${nonce} `, 'latin1');
  }

  push(chunk: Uint8Array): MarkedPart[] {
    if (this.#held.length === 0 && chunk.length > 0 && !chunk.includes(frameByte)) {
      return [{ kind: 'bytes', bytes: chunk }];
    }
    const parts: MarkedPart[] = [];
    let rest: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#held.length > 0) {
      rest = Buffer.concat([this.#held, rest]);
      this.#held = Buffer.alloc(0);
    }
    for (;;) {
      const at = this.#findNeedle(rest);
      if (at < 0) {
        addBytes(parts, rest);
        return parts;
      }
      addBytes(parts, rest.subarray(0, at));
      rest = rest.subarray(at);
      const mark = this.#readMark(rest);
      if (mark === 'incomplete') {
        this.#held = Buffer.from(rest);
        return parts;
      }
      if (mark === undefined) {
        addBytes(parts, rest.subarray(0, 1));
        rest = rest.subarray(1);
        continue;
      }
      parts.push(mark.part);
      rest = rest.subarray(mark.length);
    }
  }

  /** What was held back because it could have become a mark. */
  flush(): Uint8Array {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    return held;
  }

  /** Where the needle, or a beginning of it at the very end, stands; -1 if nowhere. */
  #findNeedle(bytes: Buffer): number {
    const whole = bytes.indexOf(this.#needle);
    if (whole >= 0) {
      return whole;
    }
    let at = bytes.indexOf(this.#needle[0] ?? 0, Math.max(0, bytes.length - this.#needle.length + 1));
    while (at >= 0) {
      const tail = bytes.subarray(at);
      if (this.#needle.subarray(0, tail.length).equals(tail)) {
        return at;
      }
      at = bytes.indexOf(this.#needle[0] ?? 0, at + 1);
    }
    return -1;
  }

  #readMark(bytes: Buffer): { readonly part: MarkedPart; readonly length: number } | 'incomplete' | undefined {
    const tail = bytes.subarray(this.#needle.length, this.#needle.length + maxTailBytes);
    const close = tail.indexOf(frame, 0, 'latin1');
    if (close < 0) {
      return tail.length < maxTailBytes ? 'incomplete' : undefined;
    }
    const match = /^([SE])(\d+)$/.exec(tail.subarray(0, close).toString('latin1'));
    if (match === null) {
      return undefined;
    }
    const length = this.#needle.length + close + 1;
    return { part: match[1] === 'S' ? { kind: 'started' } : { kind: 'ended', code: Number(match[2]) }, length };
  }
}

function addBytes(parts: MarkedPart[], bytes: Uint8Array): void {
  if (bytes.length > 0) {
    parts.push({ kind: 'bytes', bytes });
  }
}
