/**
 * Translates a sentence for the person. `{0}`, `{1}`, … (or `{name}` with a record) stand for the arguments.
 * The English sentence is the key, as in `vscode.l10n.t`, which is installed as the translator inside VS Code.
 */
export type Translator = (message: string, args: readonly (string | number)[]) => string;

export function formatMessage(message: string, args: readonly (string | number)[]): string {
  return message.replace(/\{(\d+)\}/g, (whole, index: string) => {
    const value = args[Number(index)];
    return value === undefined ? whole : String(value);
  });
}

let translator: Translator = formatMessage;
let languageTag: string | undefined;

/** Set once by the composition root, before anything asks for a sentence. `language`: a BCP 47 tag, for times and numbers. */
export function setTranslator(next: Translator, language?: string): void {
  translator = next;
  languageTag = language;
}

/** The language that sentences are in; undefined: the system's. */
export function language(): string | undefined {
  return languageTag;
}

export function t(message: string, ...args: readonly (string | number)[]): string {
  return translator(message, args);
}
