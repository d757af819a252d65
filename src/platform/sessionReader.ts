import fs from 'node:fs';
import { isRecord, parseJson } from '../base/json.ts';
import { decodeLine, type LogLine, logFormat } from '../core/logRecords.ts';
import { newline, unframeLine } from './recordFrame.ts';

/** The first line has two paths and two names. */
const headerBytes = 64 << 10;
const usualHeaderBytes = 1 << 10;
/** The last line is looked for in the last part of the file first: a record is never longer than 64 KiB. */
const tailBytes = 192 << 10;

/** What a line says; `undefined` if it cannot be read. */
export function decodeLogLine(bytes: Buffer, from = 0, to = bytes.length): LogLine | undefined {
  const json = unframeLine(bytes, from, to);
  return json === undefined ? undefined : decodeLine(json);
}

/** The first line. A newer version may secure its lines otherwise: its header is recognised without a checksum too. */
export function decodeFirstLine(line: Buffer): LogLine | undefined {
  const decoded = decodeLogLine(line);
  if (decoded !== undefined || line.length > headerBytes) {
    return decoded;
  }
  const value = parseJson(line.toString('utf8'));
  const format = isRecord(value) && value['greenroom'] === 'session' ? value['format'] : undefined;
  return typeof format === 'number' && format > logFormat ? { kind: 'header', format, identity: undefined } : undefined;
}

export interface FileEnds {
  readonly size: number;
  readonly mtimeMs: number;
  readonly first: LogLine | undefined;
  /** The last line that can be read. */
  readonly last: LogLine | undefined;
  /** Where the last readable line ends; behind it is what has to be cut off. */
  readonly end: number;
  /** The last readable line has everything but its newline. */
  readonly needsNewline: boolean;
}

/** The first line, without reading much more. */
export function readFirstLine(fd: number): LogLine | undefined {
  for (const length of [usualHeaderBytes, headerBytes]) {
    const head = readAt(fd, 0, length);
    const end = head.indexOf(newline);
    if (end !== -1) {
      return decodeFirstLine(head.subarray(0, end));
    }
  }
  return undefined;
}

/** The first and the last line of a session's file, without reading what is between them where possible. */
export function readEnds(path: string): FileEnds {
  const fd = fs.openSync(path, 'r');
  try {
    const { size, mtimeMs } = fs.fstatSync(fd);
    const head = readAt(fd, 0, Math.min(size, headerBytes));
    const headEnd = head.indexOf(newline);
    const first =
      headEnd === -1
        ? size === head.length
          ? decodeFirstLine(head)
          : undefined
        : decodeFirstLine(head.subarray(0, headEnd));
    if (first?.kind === 'header' && first.format > logFormat) {
      return { size, mtimeMs, first, last: undefined, end: size, needsNewline: false };
    }
    for (let window = Math.min(size, tailBytes); ; window = Math.min(size, window * 8)) {
      const found = lastLine(readAt(fd, size - window, window), window === size);
      if (found !== undefined || window === size) {
        const { line: last, end, needsNewline } = found ?? { line: undefined, end: 0, needsNewline: false };
        return { size, mtimeMs, first, last, end: size - window + end, needsNewline };
      }
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** The bytes at a place of a file; fewer where it ends before. */
export function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = fs.readSync(fd, bytes, done, length - done, position + done);
    if (count === 0) {
      break;
    }
    done += count;
  }
  return bytes.subarray(0, done);
}

function lastLine(
  tail: Buffer,
  isWhole: boolean,
): { readonly line: LogLine; readonly end: number; readonly needsNewline: boolean } | undefined {
  let end = tail.length;
  while (end > 0) {
    const hasNewline = tail[end - 1] === newline;
    const lineEnd = hasNewline ? end - 1 : end;
    const start = lineEnd === 0 ? 0 : tail.lastIndexOf(newline, lineEnd - 1) + 1;
    if (start === 0 && !isWhole) {
      return undefined;
    }
    const line = decodeLogLine(tail.subarray(start, lineEnd));
    if (line !== undefined) {
      return { line, end, needsNewline: !hasNewline };
    }
    end = start;
  }
  return undefined;
}
