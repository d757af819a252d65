import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findSentences } from '../../../scripts/lib/sentences.mjs';
import { compareTexts, tidyBundles } from '../../../scripts/lib/translations.mjs';

const head = "import { t } from '../base/l10n.ts';\n";

describe('The search for sentences', () => {
  it('finds a text however it is quoted, joined and broken into lines, under the name that the file gives to t', () => {
    const source = [
      "import { t as say } from '../../base/l10n.ts';",
      "const a = say('It is {0}.', 1);",
      'const b = say(',
      '  "It\'s " +',
      '    `long`,',
      ');',
      "const c = cond ? say('yes') : [say('{1} of {0}', 1, 2)];",
      'const d = `${say("inside")} ${other.t("not ours")}`;',
    ].join('\n');
    assert.deepEqual(findSentences('a.ts', source), {
      sentences: [
        { key: 'It is {0}.', file: 'a.ts', line: 2 },
        { key: "It's long", file: 'a.ts', line: 3 },
        { key: 'yes', file: 'a.ts', line: 7 },
        { key: '{1} of {0}', file: 'a.ts', line: 7 },
        { key: 'inside', file: 'a.ts', line: 8 },
      ],
      problems: [],
    });
  });

  it('refuses a text that it cannot read, one whose arguments do not fit, and a t that is handed on', () => {
    const source = `${head}${[
      't(name);',
      't(`${name} ended`);',
      't("{0} of {1}", 1);',
      't("{1}", 1);',
      't("no place", 1);',
      't("any number: {0}", ...numbers);',
      'names.map(t);',
    ].join('\n')}`;
    assert.deepEqual(findSentences('a.ts', source).problems, [
      'a.ts:2: the first argument of t() has to be a string literal.',
      'a.ts:3: the first argument of t() has to be a string literal.',
      'a.ts:4: "{0} of {1}" has 2 placeholders and gets 1 arguments.',
      'a.ts:5: "{1}" has 1 placeholders and gets 1 arguments.',
      'a.ts:6: "no place" has 0 placeholders and gets 1 arguments.',
      'a.ts:8: t may only be called, not handed on.',
    ]);
  });

  it('reads no file that it cannot parse as if it were empty', () => {
    assert.equal(findSentences('a.ts', 'const = ;').problems.length, 1);
  });
});

describe('The comparison of translations', () => {
  it('names what is missing, empty, unused, and what lost a placeholder, a command or a piece of code', () => {
    const originals = { a: 'A', b: 'B', c: '{0} of {1}', d: '{1} and {0}', e: '[Go](command:x) to `y`', f: '`z`' };
    const translations = { b: ' ', c: '{0}', d: '{0} und {1}', e: '[Los](command:y) zu `y`', f: '`z`', g: 'G' };
    assert.deepEqual(compareTexts('de.json', originals, translations), [
      'de.json: missing: "a"',
      'de.json: missing: "b"',
      'de.json: "c" has {0} {1}; its translation has {0}',
      'de.json: "e" has (command:x) `y`; its translation has (command:y) `y`',
      'de.json: unused: "g"',
    ]);
  });

  it('sorts a bundle without losing or inventing a text', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'l10n-'));
    try {
      for (const name of ['src', 'l10n']) mkdirSync(path.join(folder, name));
      writeFileSync(path.join(folder, 'src', 'a.ts'), `${head}t('two');\nt('one');\nt('three');\n`);
      const bundle = path.join(folder, 'l10n', 'bundle.l10n.zh-cn.json');
      writeFileSync(bundle, JSON.stringify({ two: '二', gone: '无', one: '一' }));
      tidyBundles(folder);
      assert.deepEqual(Object.entries(JSON.parse(readFileSync(bundle, 'utf8'))), [
        ['one', '一'],
        ['two', '二'],
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
