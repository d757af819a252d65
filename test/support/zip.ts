import { inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
  readonly compressedSize: number;
  /** The permission bits, where the file was written on a system that has them. */
  readonly mode: number;
}

const endSignature = 0x06054b50;
const endLength = 22;
const directoryLength = 46;
const localLength = 30;

/** The entries of a zip file, in its order; no encryption, no comments, no 64-bit sizes. */
export function readZip(zip: Buffer): ZipEntry[] {
  const end = zip.length - endLength;
  if (zip.readUInt32LE(end) !== endSignature) throw new Error('not a zip file, or one with a comment');
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(at + 10);
    const compressedSize = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const mode = (zip.readUInt32LE(at + 38) >>> 16) & 0o777;
    const local = zip.readUInt32LE(at + 42);
    const name = zip.toString('utf8', at + directoryLength, at + directoryLength + nameLength);
    const start = local + localLength + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(start, start + compressedSize);
    entries.push({ name, content: method === 0 ? packed : inflateRawSync(packed), compressedSize, mode });
    at += directoryLength + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}
