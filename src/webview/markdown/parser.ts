import MarkdownIt, { type Token } from 'markdown-it';

/** Link definitions seen so far, by normalised label. */
export type References = Record<string, { readonly title: string; readonly href: string }>;

export interface Block {
  readonly type: string;
  /** Lines of the source, from the first up to and without the second. */
  readonly lines: readonly [number, number];
}

const linkSchemes = /^(?:https?|mailto):/i;
const anyScheme = /^[a-z][a-z0-9+.-]*:/i;

export function isExternalLink(target: string): boolean {
  return linkSchemes.test(target);
}

/** A target without a scheme is taken for a file of the workspace; one that begins like `\\\\host` names another machine. */
function isFileTarget(target: string): boolean {
  return target !== '' && !/^(?:#|[\\/]{2})/.test(target) && (!anyScheme.test(target) || /^[a-z]:[\\/]/i.test(target));
}

export const md = new MarkdownIt({ html: false, linkify: true });

// Only what names its scheme becomes a link by itself: `README.md` is no host of Moldova.
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
md.linkify.add('ftp:', null).add('//', null);

md.validateLink = (url) => {
  const target = url.trim();
  return isExternalLink(target) || !anyScheme.test(target);
};

const { rules } = md.renderer;
const { escapeHtml, unescapeAll } = md.utils;

// Without line breaks between the tags: they would only be text nodes that nobody sees.
md.renderer.renderToken = (tokens, index) => {
  const token = tokens[index];
  if (token === undefined || token.hidden) {
    return token?.nesting === -1 && tokens[index + 1]?.nesting !== -1 ? '\n' : '';
  }
  return token.nesting === -1 ? `</${token.tag}>` : `<${token.tag}${attributesOf(token)}>`;
};

function attributesOf(token: Token): string {
  let result = '';
  for (const [name, value] of token.attrs ?? []) {
    // The content security policy forbids inline styles; a table's alignment is the only one there is.
    const aligned = name === 'style' ? /^text-align:(left|right|center)$/.exec(String(value))?.[1] : undefined;
    result += aligned === undefined ? ` ${name}="${escapeHtml(String(value))}"` : ` class="align-${aligned}"`;
  }
  return result;
}

const openLink = (target: string): string => {
  if (isExternalLink(target)) {
    return `<a href="${escapeHtml(target)}">`;
  }
  const path = decodeTarget(target);
  return isFileTarget(path) ? `<a class="path" title="${escapeHtml(path)}">` : '<a>';
};

function decodeTarget(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}

rules['link_open'] = (tokens, index) => openLink(String(tokens[index]?.attrGet('href') ?? ''));

// A picture would be fetched from wherever the text says: it is a link instead, and its text where it is in a link already.
rules['image'] = (tokens, index, options, env, renderer) => {
  const token = tokens[index];
  const source = String(token?.attrGet('src') ?? '');
  const text = escapeHtml(renderer.renderInlineAsText(token?.children ?? [], options, env));
  let depth = 0;
  for (const before of tokens.slice(0, index)) {
    depth += before.type === 'link_open' ? 1 : before.type === 'link_close' ? -1 : 0;
  }
  return depth > 0 ? text : `${openLink(source)}${text === '' ? escapeHtml(source) : text}</a>`;
};

rules['hardbreak'] = () => '<br>\n';

rules['code_block'] = (tokens, index) => `<pre><code>${escapeHtml(tokens[index]?.content ?? '')}</code></pre>`;

rules['fence'] = (tokens, index) => {
  const token = tokens[index];
  const language = languageOf(token?.info ?? '');
  const attribute = language === '' ? '' : ` class="language-${escapeHtml(language)}"`;
  return `<pre><code${attribute}>${escapeHtml(token?.content ?? '')}</code></pre>`;
};

/** The language of a fence's info string; empty where it names none that could be one. */
export function languageOf(info: string): string {
  const word = unescapeAll(info).trim().split(/\s+/u)[0] ?? '';
  return /^[\w+#.-]{1,40}$/.test(word) ? word : '';
}

export function parseTokens(source: string, references: References): Token[] {
  return md.parse(source, { references });
}

/** Block tokens only: where blocks begin and end, without a look at the text inside. */
export function parseBlockTokens(source: string): Token[] {
  const tokens: Token[] = [];
  md.block.parse(source, md, { references: {} }, tokens);
  return tokens;
}

export function topLevelBlocks(tokens: readonly Token[]): Block[] {
  const blocks: Block[] = [];
  for (const token of tokens) {
    if (token.level === 0 && token.nesting !== -1 && token.map !== null) {
      blocks.push({ type: token.type, lines: token.map });
    }
  }
  return blocks;
}

export function renderTokens(tokens: Token[]): string {
  return md.renderer.render(tokens, md.options, {});
}

/** Offsets at which the lines of `source` begin, and its length as the last. */
export function lineOffsets(source: string): number[] {
  const offsets = [0];
  for (let end = source.indexOf('\n'); end !== -1; end = source.indexOf('\n', end + 1)) {
    offsets.push(end + 1);
  }
  if (offsets.at(-1) !== source.length) {
    offsets.push(source.length);
  }
  return offsets;
}
