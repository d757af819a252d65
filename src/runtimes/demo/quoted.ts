const longest = 300;

/** Foreign text as a Markdown quotation of one line. */
export function quoted(text: string): string {
  const line = [...text.replace(/\s+/gu, ' ').trim()].slice(0, longest).join('');
  // Backslashes keep the text from being read as Markdown.
  return `> ${line.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/gu, '\\$&')}`;
}
