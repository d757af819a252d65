import { literalOf, type SimpleCommand, type Word } from './commandLine.ts';
import { mayBeOption, programName } from './wordTexts.ts';

interface Risk {
  /** Long options, in full; an abbreviation counts too. */
  readonly long?: readonly string[];
  /** Letters of short options, alone or among others. */
  readonly short?: string;
  /** Whole words, such as the single-dash options of `find`. */
  readonly words?: readonly string[];
  /** Whether the arguments that are no options make it do more. */
  readonly operands?: (operands: readonly string[]) => boolean;
}

const gitRisk: Risk = {
  long: [
    '--config-env',
    '--exec',
    '--exec-path',
    '--ext-diff',
    '--extcmd',
    '--git-dir',
    '--open-files-in-pager',
    '--output',
    '--output-directory',
    '--receive-pack',
    '--remote',
    '--template',
    '--textconv',
    '--upload-pack',
    '--work-tree',
  ],
  operands: (words) => words.some((word) => word.includes('::') && !word.startsWith(':')),
};

/** Short options of git mean different things in different subcommands. */
const gitShort: Readonly<Record<string, string>> = {
  archive: 'o',
  clone: 'cu',
  difftool: 'x',
  'format-patch': 'o',
  grep: 'O',
  rebase: 'x',
};

const npmRisk: Risk = {
  long: [
    '--prefix',
    '--script-shell',
    '--shell',
    '--userconfig',
    '--globalconfig',
    '--node-options',
    '--registry',
    '--call',
    '--git',
    '--cwd',
    '--dir',
  ],
  short: 'Cc',
};

/**
 * Options by which a program does more than its name says: runs another, writes a file, or takes its orders from one. A
 * rule for the program does not cover them, unless it names them.
 */
const risks: ReadonlyMap<string, Risk> = new Map<string, Risk>([
  ['ag', { long: ['--pager'] }],
  [
    'awk',
    {
      long: ['--include', '--file', '--load', '--exec', '--source', '--dump-variables', '--profile', '--pretty-print'],
      short: 'fieElopdD',
      operands: (words) => words.length === 0 || words.some(awkDoesMore),
    },
  ],
  ['bat', { long: ['--pager', '--config-file'] }],
  ['cargo', { long: ['--config', '--manifest-path', '--target-dir', '--out-dir', '--artifact-dir'] }],
  ['date', { long: ['--set', '--file'], short: 'sf', operands: (words) => words.some((word) => /^\d/.test(word)) }],
  ['diff', { long: ['--output'] }],
  ['fd', { long: ['--exec', '--exec-batch'], short: 'xX' }],
  ['file', { long: ['--compile', '--magic-file'], short: 'Cm' }],
  ['find', { words: ['-delete', '-fprint', '-fprint0', '-fprintf', '-fls', '-files0-from'] }],
  [
    'go',
    {
      long: ['--exec', '--toolexec', '--vettool', '--overlay', '--modfile', '--C'],
      words: ['-exec', '-toolexec', '-vettool', '-overlay', '-modfile', '-C', '-o'],
    },
  ],
  ['hostname', { operands: (words) => words.length > 0, long: ['--file'], short: 'Fb' }],
  ['jq', { long: ['--from-file', '--library-path'], short: 'fL' }],
  [
    'less',
    {
      long: ['--log-file', '--LOG-FILE', '--lesskey-file', '--lesskey-src', '--lesskey-content'],
      short: 'oOk',
      operands: (words) => words.some((word) => word.startsWith('+')),
    },
  ],
  [
    'make',
    { long: ['--file', '--makefile', '--directory', '--eval', '--include-dir'], short: 'fCIE', operands: assigns },
  ],
  ['man', { long: ['--pager', '--html', '--config-file', '--browser'], short: 'PHC' }],
  ['npm', npmRisk],
  ['pnpm', npmRisk],
  ['yarn', npmRisk],
  ['bun', npmRisk],
  ['pytest', { long: ['--rootdir', '--confcutdir', '--config-file', '--override-ini', '--basetemp'], short: 'pco' }],
  ['rg', { long: ['--pre', '--hostname-bin'] }],
  ['rsync', { long: ['--rsh', '--rsync-path'], short: 'e' }],
  ['printf', { short: 'v' }],
  ['sed', { long: ['--in-place', '--file', '--expression', '--line-length'], short: 'ifel', operands: sedDoesMore }],
  ['sort', { long: ['--output', '--compress-program', '--files0-from', '--temporary-directory'], short: 'oT' }],
  ['split', { long: ['--filter'] }],
  [
    'tar',
    {
      long: [
        '--to-command',
        '--use-compress-program',
        '--checkpoint-action',
        '--rsh-command',
        '--rmt-command',
        '--info-script',
        '--new-volume-script',
        '--index-file',
      ],
      short: 'IF',
    },
  ],
  ['test', { operands: hasSubscript }],
  ['[', { operands: hasSubscript }],
  ['tree', { long: ['--output'], short: 'o' }],
  ['uniq', { operands: (words) => words.length > 1 }],
  ['xxd', { short: 'r', operands: (words) => words.length > 1 }],
  ['yq', { long: ['--inplace', '--in-place'], short: 'i' }],
  ['zip', { long: ['--unzip-command', '--test'], short: 'T' }],
  [
    'curl',
    {
      long: [
        '--output',
        '--remote-name',
        '--config',
        '--upload-file',
        '--dump-header',
        '--cookie-jar',
        '--trace',
        '--trace-ascii',
        '--output-dir',
        '--data',
        '--data-binary',
        '--data-raw',
        '--data-urlencode',
        '--form',
        '--json',
        '--etag-save',
        '--hsts',
        '--alt-svc',
        '--libcurl',
        '--stderr',
        '--proxy',
        '--preproxy',
        '--socks5',
        '--netrc-file',
        '--unix-socket',
        '--request',
        '--remote-name-all',
      ],
      short: 'oOKTDcdFxXJ',
    },
  ],
]);

const aliases: Readonly<Record<string, string>> = {
  gawk: 'awk',
  mawk: 'awk',
  nawk: 'awk',
  gsed: 'sed',
  gmake: 'make',
  egrep: 'grep',
  more: 'less',
  batcat: 'bat',
  fdfind: 'fd',
  gtar: 'tar',
  bsdtar: 'tar',
  gfind: 'find',
};

/**
 * Whether the words from `from` on make the program do more than its name says, or are not known and could. `false` for a
 * program that has no such options.
 */
export function doesMore(command: SimpleCommand, from: number): boolean {
  const name = programName(command) ?? '';
  const found = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
  const subcommand = found === 'git' ? command.words.map(literalOf).find(isSubcommand) : undefined;
  const risk = found === 'git' ? gitRiskOf(subcommand, from) : risks.get(found);
  if (risk === undefined) {
    return false;
  }
  const operands: string[] = [];
  let areOptionsOver = false;
  for (const word of command.words.slice(from)) {
    const literal = literalOf(word);
    if (!areOptionsOver && literal === '--') {
      areOptionsOver = true;
    } else if (!areOptionsOver && (literal === undefined ? mayBeOption(word) : isRisky(literal, risk))) {
      return true;
    } else if (literal === undefined || !literal.startsWith('-') || areOptionsOver) {
      operands.push(literal ?? unknownOperand(word));
    }
  }
  return risk.operands?.(operands) ?? false;
}

/** Of an operand that is not known, as much as is; it counts like any other. */
function unknownOperand(word: Word): string {
  const [first] = word.pieces;
  return first?.kind === 'exact' ? first.text : '?';
}

function isSubcommand(word: string | undefined, index: number): boolean {
  return index > 0 && word !== undefined && !word.startsWith('-');
}

function gitRiskOf(subcommand: string | undefined, from: number): Risk {
  const letters = Object.hasOwn(gitShort, subcommand ?? '') ? (gitShort[subcommand ?? ''] ?? '') : '';
  // Before the subcommand stand git's own options: settings, and folders in which others are found.
  return {
    ...gitRisk,
    short: from <= 1 ? `${letters}cC` : letters,
    words: subcommand === 'bisect' ? ['run'] : subcommand === 'submodule' ? ['foreach'] : ['filter-branch'],
  };
}

function isRisky(word: string, risk: Risk): boolean {
  const [name = ''] = word.split('=', 1);
  if (risk.words?.includes(name) === true) {
    return true;
  }
  if (word.startsWith('--')) {
    return name.length > 2 && (risk.long ?? []).some((option) => option.startsWith(name));
  }
  return (
    word.startsWith('-') && word.length > 1 && [...(risk.short ?? '')].some((letter) => name.slice(1).includes(letter))
  );
}

/** `make NAME=value` sets what the rules run. */
function assigns(words: readonly string[]): boolean {
  return words.some((word) => /^[\w.]+[:+?!]*=/.test(word));
}

/** A program of awk can run commands and write files; one that only prints fields needs none of these. */
function awkDoesMore(program: string): boolean {
  return (
    program === '?' ||
    /system|getline|close|fflush|ENVIRON|[|@]/.test(program) ||
    (program.includes('print') && program.includes('>'))
  );
}

/** Only scripts that print, delete or replace without further flags are known to do no more. */
function sedDoesMore([script = '?']: readonly string[]): boolean {
  const address = '(?:\\d+|\\$|/[^/\\n]*/)';
  const plain = new RegExp(`^(?:${address}(?:,${address})?)?[pdq=]$`);
  const replace = /^(?:\d+|\$)?s([/|,#:])(?:(?!\1)[^\\\n]|\\.)*\1(?:(?!\1)[^\\\n]|\\.)*\1[gpI\d]*$/;
  return !script.split(/\s*;\s*|\n/).every((part) => plain.test(part) || replace.test(part));
}

/** Tests evaluate the subscripts of what they compare, and run the commands in them. */
function hasSubscript(words: readonly string[]): boolean {
  return words.some((word) => /\[.*[$`]/s.test(word));
}
