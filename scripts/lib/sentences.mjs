// Finds the sentences that the source translates: the first argument of every call of `t` from base/l10n.ts.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/**
 * @typedef {{ key: string, file: string, line: number }} Sentence
 * @typedef {{ sentences: Sentence[], problems: string[] }} Found
 */

/** The numbers of a sentence's placeholders, each once, in order. */
export function placeholders(/** @type {string} */ text) {
  return [...new Set([...text.matchAll(/\{(\d+)\}/g)].map(([, index]) => Number(index)))].sort((a, b) => a - b);
}

/** The sentences of one file. @param {string} file @param {string} source @returns {Found} */
export function findSentences(file, source) {
  /** @type {Sentence[]} */
  const sentences = [];
  /** @type {string[]} */
  const problems = [];
  const { program, errors } = parseSync(file, source);
  const lineOf = (/** @type {number} */ offset) => source.slice(0, offset).split('\n').length;
  const complain = (/** @type {number} */ offset, /** @type {string} */ what) =>
    problems.push(`${file}:${lineOf(offset)}: ${what}`);
  for (const { message } of errors) problems.push(`${file}: ${message}`);
  /** The names under which this file knows `t`. */
  const names = new Set();
  /** Where `t` stands as a call's callee, or in its import. */
  const accounted = new Set();
  new Visitor({
    ImportDeclaration({ source: from, specifiers }) {
      if (!/(^|\/)l10n\.ts$/.test(from.value)) return;
      for (const specifier of specifiers) {
        if (specifier.type !== 'ImportSpecifier' || specifier.imported.name !== 't') continue;
        names.add(specifier.local.name);
        for (const { start } of [specifier.imported, specifier.local]) accounted.add(start);
      }
    },
    CallExpression({ callee, arguments: args, start }) {
      if (callee.type !== 'Identifier' || !names.has(callee.name)) return;
      accounted.add(callee.start);
      const [first, ...rest] = args;
      const key = first && literalText(first);
      if (key === undefined) return complain(start, 'the first argument of t() has to be a string literal.');
      sentences.push({ key, file, line: lineOf(start) });
      if (rest.some(({ type }) => type === 'SpreadElement')) return;
      const wanted = placeholders(key);
      const given = rest.map((_, index) => index);
      if (wanted.join() !== given.join()) {
        complain(start, `${JSON.stringify(key)} has ${wanted.length} placeholders and gets ${given.length} arguments.`);
      }
    },
  }).visit(program);
  // A `t` that is handed on as a value would translate sentences that nobody can find.
  new Visitor({
    Identifier({ name, start }) {
      if (names.has(name) && !accounted.has(start)) complain(start, 't may only be called, not handed on.');
    },
  }).visit(program);
  return { sentences, problems };
}

/** The text of a string literal, of a template without expressions, or of a sum of such. @returns {string | undefined} */
function literalText(/** @type {import('oxc-parser').Node} */ node) {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  if (node.type !== 'BinaryExpression' || node.operator !== '+') return undefined;
  const [left, right] = [literalText(node.left), literalText(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

/** The sentences of all sources below `src/` of a project. @returns {Found} */
export function collectSentences(/** @type {string} */ root) {
  const found = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => `src/${file.split(path.sep).join('/')}`)
    .sort()
    .map((file) => findSentences(file, readFileSync(path.join(root, file), 'utf8')));
  return {
    sentences: found.flatMap(({ sentences }) => sentences),
    problems: found.flatMap(({ problems }) => problems),
  };
}
