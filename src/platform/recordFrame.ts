import { crc32 } from 'node:zlib';

const start = Buffer.from('{"crc":"');
const checksumLength = 8;
/** `{"crc":"`, the checksum, and `",`. */
const prefixLength = start.length + checksumLength + 2;
export const newline = 0x0a;

/**
 * A line of a session's file: the JSON of an object with a checksum of everything after it as its first field, so that a
 * changed byte is noticed and the file stays lines of JSON.
 */
export function frameLine(json: string): Buffer {
  const rest = Buffer.from(`${json.slice(1)}\n`);
  const checksum = crc32(rest.subarray(0, rest.length - 1));
  return Buffer.concat([Buffer.from(`{"crc":"${checksum.toString(16).padStart(checksumLength, '0')}",`), rest]);
}

/** The JSON of a line without its newline; `undefined` if it is not what was written. */
export function unframeLine(line: Buffer): string | undefined {
  if (line.length < prefixLength || !line.subarray(0, start.length).equals(start)) {
    return undefined;
  }
  const written = line.toString('latin1', start.length, start.length + checksumLength);
  const rest = line.subarray(prefixLength);
  const between = line.toString('latin1', start.length + checksumLength, prefixLength);
  if (between !== '",' || crc32(rest).toString(16).padStart(checksumLength, '0') !== written) {
    return undefined;
  }
  return `{${rest.toString('utf8')}`;
}
