import { coreErrors } from '../errors.ts';
import { type Rule, readRule } from './rules.ts';

/** Reads the rules of the settings, and keeps them for as long as they are the same. */
export class RuleBook {
  readonly #known = new Map<string, { readonly texts: string; readonly rules: readonly Rule[] }>();

  /** Throws `badSetting` for the first that is none: what it was to refuse would not be refused. */
  read(setting: 'approvals.allow' | 'approvals.deny', texts: readonly string[]): readonly Rule[] {
    const joined = JSON.stringify(texts);
    const known = this.#known.get(setting);
    if (known?.texts === joined) {
      return known.rules;
    }
    const rules = texts.map((text) => {
      const reading = readRule(text);
      if (reading.kind === 'problem') {
        throw coreErrors.badRule(setting, reading.text, reading.problem);
      }
      return reading.rule;
    });
    this.#known.set(setting, { texts: joined, rules });
    return rules;
  }
}
