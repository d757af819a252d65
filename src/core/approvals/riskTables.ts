/** What makes a program do more than its name says. */
export interface Risk {
  /** Long options, in full; an abbreviation counts too. */
  readonly long?: readonly string[];
  /** Letters of short options, alone or among others. */
  readonly short?: string;
  /** Whole words, such as the single-dash options of `find`. */
  readonly words?: readonly string[];
  /** Whether the arguments that are no options make it do more. */
  readonly operands?: (operands: readonly string[]) => boolean;
}

export const gitRisk: Risk = {
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
};

/** Short options of git mean different things in different subcommands. */
export const gitShort: Readonly<Record<string, string>> = {
  archive: 'o',
  clone: 'cu',
  difftool: 'x',
  'format-patch': 'o',
  grep: 'O',
  rebase: 'x',
};

export const gitTransports: ReadonlySet<string> = new Set([
  'archive',
  'clone',
  'fetch',
  'ls-remote',
  'pull',
  'push',
  'remote',
]);

/** Another operand is another thing to do. */
const anyOperand = (operands: readonly string[]): boolean => operands.length > 0;

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
export const risks: ReadonlyMap<string, Risk> = new Map<string, Risk>([
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
  ['gradle', { operands: anyOperand, long: ['--init-script', '--project-dir', '--build-file'], short: 'Ipbc' }],
  ['just', { operands: anyOperand, long: ['--justfile', '--working-directory', '--shell'], short: 'fd' }],
  ['mvn', { operands: anyOperand, long: ['--file', '--settings'], short: 'fs' }],
  ['ninja', { operands: anyOperand, short: 'fCt' }],
  ['rake', { operands: anyOperand, long: ['--rakefile', '--execute', '--require', '--eval'], short: 'fepErR' }],
  ['task', { operands: anyOperand, long: ['--taskfile', '--dir'], short: 'td' }],
  [
    'go',
    {
      long: ['--exec', '--toolexec', '--vettool', '--overlay', '--modfile', '--C'],
      words: ['-exec', '-toolexec', '-vettool', '-overlay', '-modfile', '-C', '-o'],
    },
  ],
  ['hostname', { operands: anyOperand, long: ['--file'], short: 'Fb' }],
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
    { long: ['--file', '--makefile', '--directory', '--eval', '--include-dir'], short: 'fCIE', operands: anyOperand },
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
        '--extract',
        '--get',
        '--create',
        '--append',
        '--update',
        '--delete',
        '--catenate',
        '--concatenate',
      ],
      short: 'IFxcruA',
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
      operands: anyOperand,
    },
  ],
]);

/** Other names of the same programs. */
export const aliases: Readonly<Record<string, string>> = {
  gawk: 'awk',
  mawk: 'awk',
  nawk: 'awk',
  gsed: 'sed',
  gmake: 'make',
  gradlew: 'gradle',
  mvnw: 'mvn',
  egrep: 'grep',
  more: 'less',
  batcat: 'bat',
  fdfind: 'fd',
  gtar: 'tar',
  bsdtar: 'tar',
  gfind: 'find',
};

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
