// Whether the translations are complete: of the manifest (package.nls.*.json) and of the source (l10n/bundle.l10n.*.json).
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { collectSentences, placeholders } from './sentences.mjs';

/** Every language besides English, whose sentences are the keys. */
export const languages = ['zh-cn'];

const readJson = (/** @type {string} */ file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
const quote = (/** @type {string} */ text) => JSON.stringify(text);

/** What has to stand in a translation as it does in the original: placeholders, links to commands and settings, code. */
function fixedParts(/** @type {string} */ text) {
  const marks = text.match(/\(command:[^)]+\)|`[^`]+`/g) ?? [];
  return [...new Set([...placeholders(text).map((index) => `{${index}}`), ...marks])].sort();
}

/**
 * Compares a table of translations with the originals, by key.
 * @param {string} file @param {Record<string, string>} originals @param {Record<string, unknown>} translations
 */
export function compareTexts(file, originals, translations) {
  const problems = [];
  for (const [key, original] of Object.entries(originals)) {
    const translation = translations[key];
    if (typeof translation !== 'string' || translation.trim() === '') {
      problems.push(`${file}: missing: ${quote(key)}`);
    } else if (fixedParts(original).join() !== fixedParts(translation).join()) {
      const [wanted, found] = [fixedParts(original), fixedParts(translation)].map((parts) => parts.join(' ') || 'none');
      problems.push(`${file}: ${quote(key)} has ${wanted}; its translation has ${found}`);
    }
  }
  for (const key of Object.keys(translations)) {
    if (!Object.hasOwn(originals, key)) problems.push(`${file}: unused: ${quote(key)}`);
  }
  return problems;
}

const bundleOf = (/** @type {string} */ root, /** @type {string} */ language) =>
  path.join(root, 'l10n', `bundle.l10n.${language}.json`);

/** The keys that a manifest uses, with their English texts where there are any. */
function manifestTexts(/** @type {string} */ root) {
  const manifest = readFileSync(path.join(root, 'package.json'), 'utf8');
  const english = readJson(path.join(root, 'package.nls.json'));
  const used = [...new Set([...manifest.matchAll(/"%([^%"]+)%"/g)].map(([, key = '']) => key))];
  return { english, originals: Object.fromEntries(used.map((key) => [key, english[key] ?? ''])) };
}

/** Sorts the translations, so that two changes rarely meet, and leaves out what nothing uses. */
export function tidyBundles(/** @type {string} */ root) {
  const { sentences } = collectSentences(root);
  for (const language of languages) {
    const file = bundleOf(root, language);
    const known = readJson(file);
    const keys = sentences.map(({ key }) => key).sort();
    const tidy = Object.fromEntries(keys.flatMap((key) => (known[key] ? [[key, known[key]]] : [])));
    writeFileSync(file, `${JSON.stringify(tidy, null, 2)}\n`);
  }
}

/** Everything that is wrong with the texts of a project, and how many different sentences its source has. */
export function translationProblems(/** @type {string} */ root) {
  const { sentences, problems } = collectSentences(root);
  const keys = Object.fromEntries(sentences.map(({ key }) => [key, key]));
  const { english, originals } = manifestTexts(root);
  const all = [...problems, ...compareTexts('package.nls.json', originals, english)];
  for (const language of languages) {
    const ofManifest = `package.nls.${language}.json`;
    all.push(...compareTexts(ofManifest, originals, readJson(path.join(root, ofManifest))));
    const bundle = bundleOf(root, language);
    all.push(...compareTexts(path.relative(root, bundle), keys, readJson(bundle)));
  }
  return { sentences: Object.keys(keys).length, problems: all };
}
