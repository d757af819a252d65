import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { findExecutable } from '../../../src/platform/findExecutable.ts';
import { commandVerdict } from '../../support/approvals.ts';

const runs = process.env['GREENROOM_LONG'] === '1' ? 3_000 : 150;
const shells = ['bash', 'dash', 'zsh'].flatMap((name) => {
  const file = findExecutable(name, { path: process.env['PATH'] ?? '', places: [] });
  return file === undefined ? [] : [[name, file] as const];
});

/** No program that is real is on the path: each of these leaves a file that says how it was called. */
const programs = ['git', 'ls', 'cat', 'grep', 'npm', 'rm', 'evil', 'sh', 'tee', 'touch', 'xargs', 'env'] as const;
const allow = ['run(git status)', 'run(git log)', 'run(ls)', 'run(cat)', 'run(grep)', 'run(npm test)'];
const expected = [/^git (?:status|log)(?: |$)/, /^(?:ls|cat|grep)(?: |$)/, /^npm test(?: |$)/];

describe('a command line that is allowed by rules, in real shells', function () {
  this.timeout(600_000);
  let root: string;
  let work: string;
  let calls: string;

  before(() => {
    root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'rs-')));
    work = path.join(root, 'a', 'b', 'c', 'w');
    calls = path.join(root, 'calls');
    mkdirSync(path.join(root, 'bin'), { recursive: true });
    mkdirSync(path.join(work, 'src'), { recursive: true });
    for (const name of programs) {
      const file = path.join(root, 'bin', name);
      writeFileSync(
        file,
        `#!/bin/sh\nline=${name}\nfor each in "$@"; do line="$line $each"; done\nprintf '%s' "$line" > "${calls}/$$"\n`,
      );
      chmodSync(file, 0o755);
    }
    writeFileSync(path.join(work, 'a.txt'), 'a\n');
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  /** What a shell calls, and what it leaves behind, when it is given the line. */
  function play(shell: string, line: string): { readonly called: readonly string[]; readonly left: readonly string[] } {
    rmSync(calls, { recursive: true, force: true });
    mkdirSync(calls);
    spawnSync(shell, ['-c', line], {
      cwd: work,
      env: { PATH: path.join(root, 'bin'), HOME: work, X: '--evil' },
      input: '',
      timeout: 10_000,
    });
    const called = readdirSync(calls).map((name) => readFileSync(path.join(calls, name), 'utf8'));
    const left = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (name) =>
        !/^(?:bin|calls)/.test(name) &&
        !['a', 'a/b', 'a/b/c', 'a/b/c/w', 'a/b/c/w/src', 'a/b/c/w/a.txt'].includes(name),
    );
    return { called, left };
  }

  async function check(shell: string, line: string): Promise<boolean> {
    if ((await commandVerdict(line, { allow, cwd: '/w' })).kind !== 'allow') {
      return false;
    }
    const { called, left } = play(shell, line);
    assert.deepEqual(
      [called.filter((call) => !expected.some((program) => program.test(call))), left],
      [[], []],
      `${shell}: ${JSON.stringify(line)}`,
    );
    return true;
  }

  const piece = fc.constantFrom(
    'git status',
    'git log -n 1',
    'ls',
    'ls -la',
    'cat a.txt',
    'grep x a.txt',
    'npm test',
    'evil',
    'rm x',
    'echo evil',
    'cd src',
    'cd ..',
    'CI=1 npm test',
    'X=1',
    'true',
    'x',
    '$X',
    '"$X"',
    "'evil'",
    '$(git log)',
    '$(evil)',
    '`evil`',
    '`ls`',
  );
  const joint = fc.constantFrom(
    ' ',
    ';',
    '; ',
    ' && ',
    ' || ',
    ' | ',
    ' & ',
    '\n',
    ' > out',
    ' >out ',
    ' 2>&1 ',
    ' >/dev/null ',
    ' < a.txt ',
    ' <<< x ',
    ' \\\n',
    '#',
    ' # ',
    '"',
    "'",
    '\\',
    '(',
    ')',
    '{ ',
    '; }',
    '!',
    ' ! ',
    '$',
    "$'",
    '*',
    '=',
    '<(',
    '>(',
    '|&',
    '&>',
    ';;',
    '\t',
  );
  const soup = fc.array(fc.tuple(piece, joint), { minLength: 1, maxLength: 5 }).map((pairs) => pairs.flat().join(''));
  const harmless = fc
    .array(fc.tuple(piece, fc.constantFrom(' && ', ' | ', '; ', '\n', ' || ', ' 2>&1 | ', ' >/dev/null; ', ' # ')), {
      minLength: 1,
      maxLength: 4,
    })
    .map((pairs) => pairs.flat().slice(0, -1).join(''));

  it('are there to be tried', () => {
    assert.ok(shells.some(([name]) => name === 'bash'));
    const [, bash] = shells[0] ?? [];
    assert.deepEqual(play(bash ?? '', 'git status; evil "a b" > out'), {
      called: ['git status', 'evil a b'],
      left: ['a/b/c/w/out'],
    });
    rmSync(path.join(work, 'out'));
  });

  for (const [name, shell] of shells) {
    it(`calls nothing but allowed programs and writes nothing: ${name}`, async () => {
      let allowed = 0;
      await fc.assert(
        fc.asyncProperty(fc.oneof(soup, harmless), async (line) => {
          allowed += (await check(shell, line)) ? 1 : 0;
        }),
        { numRuns: runs * 10 },
      );
      assert.ok(allowed >= runs / 10, `${allowed} were allowed`);
    });
  }
});
