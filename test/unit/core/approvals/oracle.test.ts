import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { BashOracle } from '../../../support/bashOracle.ts';
import { commandVerdict } from '../../../support/approvals.ts';
import { ruledHarmless } from './corpus/harmless.ts';
import { protectedAttacks } from './corpus/protectedAttacks.ts';
import { ruleAttacks } from './corpus/ruleAttacks.ts';

const runs = process.env['GREENROOM_LONG'] === '1' ? 100_000 : 2_000;

/** No rule here is for a program that runs others: each command that is seen has to be one of these. */
const allow = ['run(git status)', 'run(git log)', 'run(ls)', 'run(cat)', 'run(grep)', 'run(npm test)'];
const allowedPrograms: readonly (readonly string[])[] = [
  ['git', 'status'],
  ['git', 'log'],
  ['ls'],
  ['cat'],
  ['grep'],
  ['npm', 'test'],
];
const neutralPrograms = ['cd', 'pwd', 'true', 'false', ':', 'echo', 'wait'];
/** The grammar takes the end of the word before a redirection for its descriptor. */
const harmlessRedirection =
  /^(?:[\w-]*[a-zA-Z-](?=\d*[<>]))?(?:\d*>&\d{1,2}|\d*>&-|\d*<&\d{1,2}|\d*<&-|\d*(?:>|>>|>\||<|<>)\s*\/dev\/(?:null|stdin|stdout|stderr)|(?:&>|&>>|\d*>&)\s*\/dev\/(?:null|stdout|stderr))$/;
const harmlessAssignment =
  /^(?:CI|NODE_ENV|NO_COLOR|FORCE_COLOR|CLICOLOR|CARGO_TERM_COLOR|RUST_BACKTRACE|PYTHONUNBUFFERED|LANG|LC_ALL|TZ)=[^$`(]*$/;
/** What these run has to be allowed as well; who judges by what is seen would have to know them all again. */
const wrappers = /\b(?:env|timeout|nice|nohup|stdbuf|eval|sh|bash|xargs|find|builtin|setsid|ionice)\b/;
/** Reads a file that is named, and not above the folder. */
function readsInside(redirection: string): boolean {
  const bare = redirection.replace(/\\./gs, 'x').replace(/'[^']*'|"[^"$`]*"/g, 'x');
  return /^\d*<\s*(?![~/])[^&>]+$/.test(bare) && !/(?:^|[<\s/])\.\.(?:\/|$)|\$[\w({]|`/.test(bare);
}

/** A word with its quotes resolved, in the simplest way; what is more than that stays as it is. */
function plain(word: string | undefined): string | undefined {
  return word?.replace(/\\\n/g, '').replace(/\\(.)/gs, '$1').replace(/["']/g, '');
}

describe('a command line that is allowed by rules', function () {
  this.timeout(600_000);
  let oracle: BashOracle;
  let allowed = 0;

  before(async () => {
    oracle = await BashOracle.load();
  });
  beforeEach(() => {
    allowed = 0;
  });
  after(() => oracle.close());

  /** What the oracle objects to in a line that was allowed. */
  function objections(line: string): readonly string[] {
    // The grammar takes `1#` for the base of a number, everywhere, and knows no file that is opened for both.
    const seen = oracle.see(line.replaceAll(/(\d)#/g, '$1').replaceAll(/<>(?=\s*\/dev\/null)/g, '>'));
    const isAllowed = (words: readonly string[]): boolean => {
      const [first, ...rest] = words.map(plain);
      if (first === 'time' || first === 'command') {
        return rest.length === 0 || isAllowed(rest.filter((word) => word !== undefined));
      }
      return (
        neutralPrograms.includes(first ?? '') ||
        allowedPrograms.some((program) => program.every((word, index) => plain(words[index]) === word))
      );
    };
    return [
      ...(seen.hasErrors ? ['it cannot be read'] : []),
      ...seen.commands.filter((words) => words.length > 0 && !isAllowed(words)).map((words) => words.join(' ')),
      ...seen.redirections.filter((text) => !harmlessRedirection.test(text) && !readsInside(text)),
      ...seen.assignments.filter((text) => !harmlessAssignment.test(text)),
      ...seen.flow,
    ];
  }

  /** The line as bash itself has read it, written plainly; nothing of it runs. The grammar misreads some odd places. */
  function asBashReadsIt(line: string): string {
    const args = ['--noprofile', '--norc', '--pretty-print', '/dev/stdin'];
    const env = { PATH: process.env['PATH'] };
    const { status, stdout } = spawnSync('bash', args, { input: `${line}\n`, encoding: 'utf8', env, cwd: '/' });
    return status === 0 && stdout !== '' ? stdout : line;
  }

  async function check(line: string): Promise<void> {
    if ((await commandVerdict(line, { allow })).kind === 'allow') {
      allowed += 1;
      if (objections(line).length > 0) {
        assert.deepEqual(objections(asBashReadsIt(line)), [], JSON.stringify(line));
      }
    }
  }

  const word = fc.constantFrom(
    'git',
    'status',
    'log',
    'ls',
    'cat',
    'grep',
    'npm',
    'test',
    'rm',
    '-rf',
    'x',
    'a.txt',
    '-n',
    'git status',
    'git log',
    'CI=1',
    'PATH=.',
    'A=b',
    'echo',
    'true',
    'time',
    'cd src',
    'if',
    'then',
    'fi',
    'for',
    'in',
    'do',
    'done',
    'case',
    'esac',
    'function',
    '{',
    '}',
    '!',
    '[[',
    ']]',
    '/dev/null',
    '--output=x',
    '#',
    '1',
    '2',
    'é',
  );
  const operator = fc.constantFrom(
    ' ',
    ' ',
    ' ',
    ' ',
    '',
    ';',
    '; ',
    ' && ',
    ' || ',
    ' | ',
    ' & ',
    '\n',
    '>',
    ' > ',
    '>>',
    '2>&1',
    ' 2>&1 ',
    '<',
    '<<EOF\n',
    '\nEOF\n',
    '<<<',
    '>&',
    '&>',
    '$(',
    ')',
    '(',
    '`',
    '"',
    "'",
    '\\',
    '\\\n',
    '$',
    '${',
    '$X',
    '"$X"',
    '$((',
    '))',
    '<(',
    '>(',
    '*',
    '?',
    '[a]',
    '{a,b}',
    '~',
    '=',
    '!',
    '#',
    ' # ',
    '\t',
    ';;',
    '|&',
    '()',
    "$'",
    '$"',
    '@(',
    '\r',
    '%',
    '^',
  );
  const soup = fc.array(fc.tuple(word, operator), { minLength: 1, maxLength: 9 }).map((pairs) => pairs.flat().join(''));

  /** Lines of the corpus with pieces of one another put in, taken out and doubled. */
  const known = [
    ...ruledHarmless,
    ...Object.values(ruleAttacks).flat(),
    ...Object.values(protectedAttacks).flat(),
  ].filter((line) => line.length < 200 && !wrappers.test(line));
  const mutated = fc
    .tuple(
      fc.constantFrom(...known),
      fc.constantFrom(...known),
      fc.array(fc.tuple(fc.nat(200), fc.nat(12), fc.oneof(operator, word)), { minLength: 1, maxLength: 3 }),
      fc.nat(200),
    )
    .map(([line, other, cuts, at]) => {
      let text = at % 3 === 0 ? line.slice(0, at) + other + line.slice(at) : line;
      for (const [place, length, piece] of cuts) {
        const start = place % (text.length + 1);
        text = text.slice(0, start) + piece + text.slice(start + length);
      }
      return text;
    });
  /** Mostly allowed: allowed commands with what may stand between and behind them. */
  const joined = fc
    .array(
      fc.tuple(
        fc.constantFrom(
          'git status',
          'git log -n 1',
          'ls -la',
          'cat a.txt',
          "grep 'a b' x",
          'CI=1 npm test',
          'echo "x"',
        ),
        fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(' | ', ' && ', '; ', ' || ', '\n', ' & ') },
          { weight: 1, arbitrary: operator },
        ),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((pairs) =>
      pairs
        .flat()
        .join('')
        .replace(/ (?:\||&&|\|\|) $/, ''),
    );

  it('is seen by another parser as nothing but allowed commands, whatever is put together', async () => {
    await fc.assert(fc.asyncProperty(soup, check), { numRuns: runs });
  });

  it('is seen so when lines of the corpus are mixed and damaged', async () => {
    await fc.assert(fc.asyncProperty(mutated, check), { numRuns: runs });
  });

  it('is seen so when it is mostly harmless', async () => {
    await fc.assert(fc.asyncProperty(joined, check), { numRuns: runs });
    assert.ok(allowed > runs / 10, `only ${allowed} of ${runs} were allowed`);
  });

  it('is seen so in the corpus', async () => {
    for (const line of ruledHarmless.filter((known) => !wrappers.test(known))) {
      await check(line);
    }
  });
});
