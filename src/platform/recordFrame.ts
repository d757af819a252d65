import { crc32 } from 'node:zlib';

const start = Buffer.from('{"crc":"');
const checksumLength = 8;
/** `{"crc":"`, the checksum, and `",`. */
const prefixLength = start.length + checksumLength + 2;
export const newline = 0x0a;
const quote = 0x22;
const comma = 0x2c;

/**
 * A line of a session's file: the JSON of an object with a checksum of everything after it as its first field, so that a
 * changed byte is noticed and the file stays lines of JSON.
 */
export function frameLine(json: string): Buffer {
  const rest = Buffer.from(`${json.slice(1)}\n`);
  const checksum = crc32(rest.subarray(0, rest.length - 1));
  return Buffer.concat([Buffer.from(`{"crc":"${checksum.toString(16).padStart(checksumLength, '0')}",`), rest]);
}

/** The checksum that stands in a line, as it stands there. */
export function checksumIn(line: Buffer): string {
  return line.toString('latin1', start.length, start.length + checksumLength);
}

/**
 * The JSON of a line, from its first byte to its newline, the checksum in it; `undefined` if it is not what was written. Opening a session
 * reads tens of thousands of lines: the bytes are looked at where they are, and the text is made once.
 */
export function unframeLine(bytes: Buffer, from = 0, to = bytes.length): string | undefined {
  if (to - from < prefixLength) {
    return undefined;
  }
  for (let index = 0; index < start.length; index++) {
    if (bytes[from + index] !== start[index]) {
      return undefined;
    }
  }
  let written = 0;
  for (let index = from + start.length; index < from + start.length + checksumLength; index++) {
    const digit = hexDigit(bytes[index] ?? 0);
    if (digit < 0) {
      return undefined;
    }
    written = written * 16 + digit;
  }
  const json = from + prefixLength;
  const isWhole = bytes[json - 2] === quote && bytes[json - 1] === comma;
  return isWhole && crc32(bytes.subarray(json, to)) === written ? bytes.toString('utf8', from, to) : undefined;
}

/** Of a digit as we write it; -1 for any other byte. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) {
    return byte - 0x30;
  }
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}
