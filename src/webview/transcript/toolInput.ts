import { isRecord, parseJson } from '../../base/json.ts';
import { t } from '../../base/l10n.ts';
import { h } from '../dom.ts';
import { codeBlock } from '../markdown/codeBlock.ts';
import { fillCode } from '../markdown/highlight.ts';
import { visibleString } from '../visibleText.ts';

/** Longer arguments are shown without colours. */
const maxColouredLength = 20_000;

/** The arguments of a tool call: a command as a command, anything else as indented JSON. */
export function toolInput(inputText: string): HTMLElement | undefined {
  if (inputText.trim() === '' || inputText.trim() === '{}') {
    return undefined;
  }
  const input = parseJson(inputText);
  const command = isRecord(input) ? input['command'] : undefined;
  if (isRecord(input) && typeof command === 'string') {
    const { command: _shown, ...others } = input;
    const rest = Object.keys(others).length === 0 ? undefined : section(JSON.stringify(others, null, 2), 'json');
    return rest === undefined
      ? section(command, 'bash')
      : h('div', { class: 'sections' }, section(command, 'bash'), moreArguments(rest));
  }
  return section(input === undefined ? inputText : JSON.stringify(input, null, 2), input === undefined ? '' : 'json');
}

function moreArguments(rest: HTMLElement): HTMLElement {
  return h('details', { class: 'moreArguments' }, h('summary', {}, t('Other arguments')), rest);
}

function section(text: string, language: string): HTMLElement {
  const code = h('code');
  fillCode(code, visibleString(text), text.length > maxColouredLength ? '' : language);
  return codeBlock(h('pre', { class: 'wrapped' }, code), language);
}
