import { isRecord, type JsonRecord, parseJson } from '../../base/json.ts';
import { h } from '../dom.ts';
import { codeBlock } from '../markdown/codeBlock.ts';
import { fillCode } from '../markdown/highlight.ts';
import { appendVisible, visibleString } from '../visibleText.ts';

/** Longer arguments are shown without colours. */
const maxColouredLength = 20_000;

/** Arguments that fit in a line are listed by name. */
const maxListedLength = 160;

/** The arguments of a tool call: a command as a command, short ones as a list, anything else as indented JSON. */
export function toolInput(inputText: string): HTMLElement | undefined {
  const input = parseJson(inputText);
  if (!isRecord(input)) {
    return inputText.trim() === '' ? undefined : section(inputText, '');
  }
  const { command, ...others } = input;
  if (typeof command === 'string') {
    return h('div', { class: 'sections' }, section(command, 'bash'), argumentsOf(others));
  }
  return argumentsOf(input);
}

function argumentsOf(input: JsonRecord): HTMLElement | undefined {
  const entries = Object.entries(input);
  if (entries.length === 0) {
    return undefined;
  }
  if (!entries.every(([, value]) => isShort(value))) {
    return section(JSON.stringify(input, null, 2), 'json');
  }
  const list = h('dl', { class: 'argumentList' });
  for (const [name, value] of entries) {
    const description = h('dd');
    appendVisible(description, String(value));
    list.append(h('dt', {}, visibleString(name)), description);
  }
  return list;
}

function isShort(value: unknown): boolean {
  return typeof value === 'string'
    ? value.length <= maxListedLength && !value.includes('\n')
    : typeof value === 'number' || typeof value === 'boolean';
}

function section(text: string, language: string): HTMLElement {
  const code = h('code');
  fillCode(code, visibleString(text), text.length > maxColouredLength ? '' : language);
  return codeBlock(h('pre', { class: 'wrapped' }, code), language);
}
