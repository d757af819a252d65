import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import cpp from 'highlight.js/lib/languages/cpp';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import markdown from 'highlight.js/lib/languages/markdown';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { css, sql } from './smallGrammars.ts';

const languages = {
  bash,
  cpp,
  css,
  diff,
  go,
  java,
  javascript,
  json,
  markdown,
  python,
  rust,
  sql,
  typescript,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(languages)) {
  hljs.registerLanguage(name, language);
}
hljs.registerAliases(['c', 'h', 'cc', 'hpp'], { languageName: 'cpp' });
hljs.registerAliases(['shell', 'console', 'shellsession', 'zsh'], { languageName: 'bash' });
hljs.registerAliases(['jsonc', 'json5', 'jsonl'], { languageName: 'json' });
hljs.registerAliases(['vue', 'svelte'], { languageName: 'xml' });
hljs.registerAliases(['patch'], { languageName: 'diff' });

/** More lines than this are left plain: colouring them would hold the panel still for longer than a person overlooks. */
const maxHighlightedLines = 2_000;

/** Lines of a long block are laid out in pieces of this many, so that what is appended does not lay out what is there. */
const linesPerChunk = 64;

/** Fills `code` with `text`: coloured where the language is known and the text is not too long. */
export function fillCode(code: HTMLElement, text: string, language: string): void {
  const lines = countLines(text);
  if (lines <= maxHighlightedLines && language !== '' && hljs.getLanguage(language) !== undefined) {
    code.replaceChildren(coloured(hljs.highlight(text, { language, ignoreIllegals: true }).value));
  } else if (lines > linesPerChunk) {
    code.replaceChildren();
    appendLines(code, text);
  } else {
    code.textContent = text;
  }
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
};

/**
 * Builds what the highlighter wrote as HTML: nested spans with a class, and text. Nothing else can come of it, whatever
 * the code says, because nothing is parsed as HTML.
 */
function coloured(html: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const open: ParentNode[] = [fragment];
  for (const piece of html.split(/(<span class="[^"<>]*">|<\/span>)/u)) {
    const className = /^<span class="([^"]*)">$/u.exec(piece)?.[1];
    if (className !== undefined) {
      const span = document.createElement('span');
      span.className = className;
      open.at(-1)?.append(span);
      open.push(span);
    } else if (piece === '</span>') {
      if (open.length > 1) {
        open.pop();
      }
    } else if (piece !== '') {
      open.at(-1)?.append(piece.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => entities[entity] ?? entity));
    }
  }
  return fragment;
}

/** Appends text that consists of whole lines, in chunks that are laid out one by one. */
export function appendLines(code: HTMLElement, text: string): void {
  let chunk = code.lastElementChild;
  let room = linesPerChunk - (chunk === null ? linesPerChunk : countLines(chunk.textContent));
  let start = 0;
  while (start < text.length) {
    if (chunk === null || room <= 0) {
      chunk = document.createElement('span');
      chunk.className = 'lines';
      code.append(chunk);
      room = linesPerChunk;
    }
    let end = start;
    while (room > 0 && end < text.length) {
      const next = text.indexOf('\n', end);
      end = next === -1 ? text.length : next + 1;
      room -= 1;
    }
    const piece = text.slice(start, end);
    const last = chunk.lastChild;
    if (last instanceof Text) {
      last.appendData(piece);
    } else {
      chunk.append(piece);
    }
    start = end;
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) {
    count += 1;
  }
  return text.endsWith('\n') || text === '' ? count : count + 1;
}
