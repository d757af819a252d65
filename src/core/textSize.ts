/** How many bytes `text` takes inside a line of JSON, in UTF-8, as `JSON.stringify` escapes it, without the quotes. */
export function jsonSize(text: string): number {
  let size = 0;
  for (let index = 0; index < text.length; index++) {
    size += jsonSizeAt(text, index);
  }
  return size;
}

/** Bytes for the code unit at `index`; a pair of surrogates counts four bytes, all of them at its first half. */
function jsonSizeAt(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if (unit < 0x80) {
    return unit === 0x22 || unit === 0x5c ? 2 : unit >= 0x20 ? 1 : shortEscapes.has(unit) ? 2 : 6;
  }
  if (unit < 0x800) {
    return 2;
  }
  if (unit < 0xd800 || unit > 0xdfff) {
    return 3;
  }
  if (isHigh(unit) && isLow(text.charCodeAt(index + 1))) {
    return 4;
  }
  return isLow(unit) && isHigh(text.charCodeAt(index - 1)) ? 0 : 6;
}

/** \b \t \n \f \r */
const shortEscapes: ReadonlySet<number> = new Set([8, 9, 10, 12, 13]);

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The length of the longest beginning of `text` that takes at most `maxBytes` of JSON; never between two surrogates. */
export function headLength(text: string, maxBytes: number, from = 0): number {
  let size = 0;
  let index = from;
  while (index < text.length) {
    const width = isHigh(text.charCodeAt(index)) && isLow(text.charCodeAt(index + 1)) ? 2 : 1;
    size += width === 2 ? 4 : jsonSizeAt(text, index);
    if (size > maxBytes) {
      break;
    }
    index += width;
  }
  return index - from;
}

/** The length of the longest end of `text` that takes at most `maxBytes` of JSON; never between two surrogates. */
export function tailLength(text: string, maxBytes: number): number {
  let size = 0;
  let index = text.length;
  while (index > 0) {
    const width = isLow(text.charCodeAt(index - 1)) && isHigh(text.charCodeAt(index - 2)) ? 2 : 1;
    size += width === 2 ? 4 : jsonSizeAt(text, index - 1);
    if (size > maxBytes) {
      break;
    }
    index -= width;
  }
  return text.length - index;
}

/** Cuts a text into pieces that take at most `maxBytes` of JSON each; at least one piece, none of them empty but an only one. */
export function splitBySize(text: string, maxBytes: number): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (from < text.length) {
    const length = Math.max(1, headLength(text, maxBytes, from));
    pieces.push(text.slice(from, from + length));
    from += length;
  }
  return pieces.length === 0 ? [''] : pieces;
}

/** How many bytes a well-formed text takes in UTF-8. */
export function utf8Size(text: string): number {
  let size = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    size += unit < 0x80 ? 1 : unit < 0x800 ? 2 : isHigh(unit) || isLow(unit) ? 2 : 3;
  }
  return size;
}
