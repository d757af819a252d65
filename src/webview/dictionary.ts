import { isRecord, parseJson } from '../base/json.ts';
import { formatMessage, setTranslator } from '../base/l10n.ts';

/** Takes the sentences of the person's language from `<script type="application/json" id="l10n">`, where there is one. */
export function loadDictionary(root: Document): void {
  const dictionary = parseJson(root.getElementById('l10n')?.textContent ?? '');
  if (!isRecord(dictionary)) {
    return;
  }
  setTranslator((message, args) => {
    const translated = Object.hasOwn(dictionary, message) ? dictionary[message] : undefined;
    return formatMessage(typeof translated === 'string' ? translated : message, args);
  });
}
