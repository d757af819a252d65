import { h } from './dom.ts';

/**
 * Text of programs and models, shown as what it is: characters that a terminal would obey, or that make text look other
 * than it is (direction overrides, zero-width characters), become visible marks.
 */
export interface Mark {
  readonly mark: string;
}

// Control characters but tab and line feed; zero-width, direction and tag characters; unpaired surrogates.
const hidden =
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB]|\u034F|[\u{E0000}-\u{E007F}]|[\u200C\u200D]|\p{Surrogate}/gu;

const emoji = /\p{Extended_Pictographic}\uFE0F?[\u{1F3FB}-\u{1F3FF}]?$/u;

export function markHidden(text: string): (string | Mark)[] {
  const parts: (string | Mark)[] = [];
  let end = 0;
  for (const match of text.matchAll(hidden)) {
    const [character] = match;
    // A joiner inside an emoji belongs to it.
    if (character === '\u200D' && emoji.test(text.slice(Math.max(0, match.index - 8), match.index))) {
      continue;
    }
    if (match.index > end) {
      parts.push(text.slice(end, match.index));
    }
    parts.push({ mark: nameOf(character) });
    end = match.index + character.length;
  }
  if (end < text.length) {
    parts.push(text.slice(end));
  }
  return parts;
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) {
    return String.fromCodePoint(0x2400 + code);
  }
  return code === 0x7f ? '\u2421' : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

export function appendVisible(element: Element, text: string): void {
  for (const part of markHidden(text)) {
    element.append(typeof part === 'string' ? part : h('span', { class: 'hiddenCharacter' }, part.mark));
  }
}

/** The same as plain text, for places that colour it themselves. */
export function visibleString(text: string): string {
  return markHidden(text)
    .map((part) => (typeof part === 'string' ? part : `\u2039${part.mark}\u203a`))
    .join('');
}
