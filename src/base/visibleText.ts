/** Characters that do not show, or that change how their neighbours show: controls, bidi marks, zero-width and tag characters. */
// eslint-disable-next-line no-control-regex -- these characters are what is looked for
const invisible =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

/**
 * The text with every invisible character written out as `\u{…}`, so that what a person approves is what they see.
 * Newline and tab stay.
 */
export function showInvisible(text: string): string {
  return text.replace(invisible, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}
