// UTF-8 as a decoder sees it that replaces what is invalid, with the byte counts that such a decoder does not tell.

const replacementBytes = 3;

/** Decodes; what is invalid becomes U+FFFD, and a byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** How many bytes at the end are the beginning of a character whose rest has not come. */
export function openCharacterBytes(bytes: Uint8Array): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length++) {
    const at = bytes.length - length;
    const lead = bytes[at] ?? 0;
    if ((lead & 0xc0) !== 0x80) {
      const unit = unitAt(bytes, at);
      return !unit.valid && unit.isOpen ? length : 0;
    }
  }
  return 0;
}

/** How many bytes at the beginning are the rest of a character that begins before them. */
export function restOfCharacterBytes(bytes: Uint8Array): number {
  let length = 0;
  while (length < 3 && length < bytes.length && ((bytes[length] ?? 0) & 0xc0) === 0x80) {
    length += 1;
  }
  return length;
}

/** The length of the longest beginning that is no longer than `limitBytes` once it is decoded. */
export function fitStart(bytes: Uint8Array, limitBytes: number): number {
  if (bytes.length <= limitBytes && isValid(bytes)) {
    return bytes.length;
  }
  let size = 0;
  let at = 0;
  while (at < bytes.length) {
    const { length, valid } = unitAt(bytes, at);
    size += valid ? length : replacementBytes;
    if (size > limitBytes) {
      break;
    }
    at += length;
  }
  return at;
}

/** The length of the longest end that is no longer than `limitBytes` once it is decoded. */
export function fitEnd(bytes: Uint8Array, limitBytes: number): number {
  if (bytes.length <= limitBytes && isValid(bytes)) {
    return bytes.length;
  }
  let size = 0;
  for (let at = 0; at < bytes.length;) {
    const { length, valid } = unitAt(bytes, at);
    size += valid ? length : replacementBytes;
    at += length;
  }
  let at = 0;
  while (size > limitBytes) {
    const { length, valid } = unitAt(bytes, at);
    size -= valid ? length : replacementBytes;
    at += length;
  }
  return bytes.length - at;
}

/** The length of the beginning that decodes to so many characters, or to one less where that would cut a pair in two. */
export function bytesOfCharacters(bytes: Uint8Array, characters: number): number {
  let count = 0;
  let at = 0;
  while (at < bytes.length) {
    const { length, valid } = unitAt(bytes, at);
    count += valid && length === 4 ? 2 : 1;
    if (count > characters) {
      break;
    }
    at += length;
  }
  return at;
}

function isValid(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

interface Unit {
  readonly length: number;
  readonly valid: boolean;
  /** The bytes end before the character does. */
  readonly isOpen: boolean;
}

/** Units are looked at byte by byte, so none is made anew. */
const units: readonly Unit[] = [false, true].flatMap((valid) =>
  [false, true].flatMap((isOpen) => [0, 1, 2, 3, 4].map((length) => ({ length, valid, isOpen }))),
);

function unit(length: number, valid: boolean, isOpen = false): Unit {
  return units[(valid ? 10 : 0) + (isOpen ? 5 : 0) + length] ?? { length, valid, isOpen };
}

/** One character, or as many bytes as a decoder replaces by one U+FFFD. */
function unitAt(bytes: Uint8Array, at: number): Unit {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) {
    return unit(1, true);
  }
  const needed = lead >= 0xc2 && lead <= 0xdf ? 1 : (lead & 0xf0) === 0xe0 ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
  if (needed === 0) {
    return unit(1, false);
  }
  let lower = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let upper = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let length = 1; length <= needed; length++) {
    const next = bytes[at + length];
    if (next === undefined) {
      return unit(length, false, true);
    }
    if (next < lower || next > upper) {
      return unit(length, false);
    }
    lower = 0x80;
    upper = 0xbf;
  }
  return unit(needed + 1, true);
}
