import { isRecord, parseJson } from '../base/json.ts';
import { formatMessage, setTranslator } from '../base/l10n.ts';

/** Takes the sentences of the person's language from `<script type="application/json" id="l10n">`, where there is one. */
export function loadDictionary(root: Document): void {
  const dictionary = parseJson(root.getElementById('l10n')?.textContent ?? '');
  setTranslator((message, args) => {
    const translated = isRecord(dictionary) && Object.hasOwn(dictionary, message) ? dictionary[message] : undefined;
    return formatMessage(typeof translated === 'string' ? translated : message, args);
  }, root.documentElement.lang || undefined);
}
