/** What makes a program do more than its name says. */
export interface Risk {
  /** Long options, in full; an abbreviation counts too. */
  readonly long?: readonly string[];
  /** Where it is given, each other long option counts: of a program with so many, those that do no more are known. */
  readonly plainLong?: readonly string[];
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
    '--repo',
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

/** Words by which a subcommand of git changes more than it shows. */
export const gitWords: Readonly<Record<string, readonly string[]>> = {
  bisect: ['run'],
  config: ['--unset', '--unset-all', '--remove-section', '--rename-section', '--edit', '-e', 'edit', 'unset'],
  submodule: ['foreach'],
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

/** Those of them that send or take what a remote has: `origin` is one that the person knows, an address may be anybody's. */
export const gitRemoteFirst: ReadonlySet<string> = new Set(['fetch', 'pull', 'push']);

/** Another operand is another thing to do. */
const anyOperand = (operands: readonly string[]): boolean => operands.length > 0;

const outputRisk: Risk = { long: ['--output'], short: 'o' };

const goOptions = [
  '-exec',
  '-toolexec',
  '-vettool',
  '-overlay',
  '-modfile',
  '-C',
  '-o',
  '-ldflags',
  '-gcflags',
  '-asmflags',
  '-gccgoflags',
  '-compiler',
  '-pkgdir',
];

function lettersBut(plain: string): string {
  return 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#:@%'
    .split('')
    .filter((letter) => !plain.includes(letter))
    .join('');
}

const npmRisk: Risk = {
  long: [
    '--prefix',
    '--script-shell',
    '--shell',
    '--userconfig',
    '--globalconfig',
    '--node-options',
    '--registry',
    '--config',
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
      short: 'fieElopdDW',
      operands: (words) => words.length === 0 || words.some(awkDoesMore),
    },
  ],
  ['base64', outputRisk],
  ['bat', { long: ['--pager', '--config-file'] }],
  ['cargo', { long: ['--config', '--manifest-path', '--target-dir', '--out-dir', '--artifact-dir'] }],
  ['date', { long: ['--set', '--file'], short: 'sf', operands: (words) => words.some((word) => /^\d/.test(word)) }],
  ['diff', { long: ['--output'] }],
  ['env', { long: ['--chdir', '--unset', '--split-string'], short: 'CuSP' }],
  [
    'eslint',
    {
      long: [
        '--output-file',
        '--format',
        '--config',
        '--rulesdir',
        '--plugin',
        '--parser',
        '--resolve-plugins-relative-to',
        '--cache-location',
        '--cache-file',
      ],
      short: 'ofc',
    },
  ],
  ['fd', { long: ['--exec', '--exec-batch'], short: 'xX' }],
  ['file', { long: ['--compile', '--magic-file'], short: 'Cm' }],
  ['find', { words: ['-delete', '-fprint', '-fprint0', '-fprintf', '-fls', '-files0-from', '-execdir', '-okdir'] }],
  ['gradle', { operands: anyOperand, long: ['--init-script', '--project-dir', '--build-file'], short: 'Ipbc' }],
  ['just', { operands: anyOperand, long: ['--justfile', '--working-directory', '--shell'], short: 'fd' }],
  ['mvn', { operands: anyOperand, long: ['--file', '--settings'], short: 'fs' }],
  ['ninja', { operands: anyOperand, short: 'fCt' }],
  ['rake', { operands: anyOperand, long: ['--rakefile', '--execute', '--require', '--eval'], short: 'fepErR' }],
  ['task', { operands: anyOperand, long: ['--taskfile', '--dir'], short: 'td' }],
  [
    'go',
    {
      long: goOptions.map((option) => `-${option}`),
      words: [...goOptions, '-w', '-u'],
    },
  ],
  ['gh', { long: ['--method', '--field', '--raw-field', '--input', '--hostname'], short: 'XFf' }],
  ['gofmt', { words: ['-w', '-cpuprofile'] }],
  ['hostname', { operands: anyOperand, long: ['--file'], short: 'Fb' }],
  ['iconv', outputRisk],
  ['jq', { long: ['--from-file', '--library-path'], short: 'fL' }],
  ['kubectl', { long: ['--kubeconfig', '--server', '--cluster', '--token', '--raw', '--cache-dir'], short: 's' }],
  [
    'less',
    {
      long: ['--log-file', '--LOG-FILE', '--lesskey-file', '--lesskey-src', '--lesskey-content', '--cmd'],
      short: 'oOk',
      operands: (words) => words.some((word) => word.startsWith('+')),
    },
  ],
  [
    'make',
    { long: ['--file', '--makefile', '--directory', '--eval', '--include-dir'], short: 'fCIE', operands: anyOperand },
  ],
  ['man', { long: ['--pager', '--html', '--config-file', '--browser'], short: 'PHC' }],
  [
    'node',
    {
      long: ['--require', '--import', '--loader', '--experimental-loader', '--eval', '--print', '--env-file'],
      words: ['-r', '-e'],
    },
  ],
  ['npm', npmRisk],
  ['pnpm', npmRisk],
  ['yarn', npmRisk],
  ['bun', npmRisk],
  [
    'pytest',
    {
      long: ['--rootdir', '--confcutdir', '--config-file', '--override-ini', '--basetemp', '--pyargs'],
      short: 'pco',
      // What lies elsewhere is no test of this project.
      operands: (words) => words.some((word) => /^[/~?]|(?:^|[/\\])\.\.(?:$|[/\\])/.test(word)),
    },
  ],
  ['rg', { long: ['--pre', '--hostname-bin'] }],
  ['rsync', { long: ['--rsh', '--rsync-path'], short: 'e' }],
  ['printf', { short: 'v' }],
  ['sed', { long: ['--in-place', '--file', '--expression', '--line-length'], short: 'ifel', operands: sedDoesMore }],
  ['shuf', outputRisk],
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
        '--files-from',
        '--listed-incremental',
      ],
      short: 'IFxcruATg',
    },
  ],
  ['test', { operands: hasSubscript }],
  ['[', { operands: hasSubscript }],
  ['tree', { long: ['--output'], short: 'oR' }],
  ['uniq', { operands: (words) => words.length > 1 }],
  ['xxd', { short: 'r', operands: (words) => words.length > 1 }],
  ['xmllint', { long: ['--output', '--shell'], short: 'o' }],
  ['yq', { long: ['--inplace', '--in-place', '--split-exp', '--split-exp-file'], short: 'is' }],
  ['zip', { long: ['--unzip-command', '--test'], short: 'T' }],
  // Most options of these send something, write something, or ask somebody else.
  [
    'curl',
    {
      plainLong: [
        '--silent',
        '--show-error',
        '--fail',
        '--fail-with-body',
        '--location',
        '--head',
        '--include',
        '--verbose',
        '--compressed',
        '--ipv4',
        '--ipv6',
        '--http1.1',
        '--http2',
        '--no-progress-meter',
      ],
      short: lettersBut('sSfLIiv46#'),
      operands: anyOperand,
    },
  ],
  [
    'wget',
    {
      plainLong: ['--quiet', '--no-verbose', '--spider', '--server-response'],
      short: lettersBut('qnvS46'),
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
    /system|getline|close|fflush|ENVIRON|[|@]|\\\n/.test(program) ||
    (program.includes('print') && program.includes('>'))
  );
}

/** A regular expression of sed up to its delimiter: whoever looks at brackets, and whoever does not, sees the same end. */
function sedPattern(delimiter: string): string {
  return String.raw`(?:[^\\\n[${delimiter}]|\\.|\[\^?\]?(?:\[:\w+:\]|[^[\]\\\n${delimiter}])*\])*`;
}

const sedAddress = `(?:\\d+|\\$|/${sedPattern('/')}/)`;
const sedPlain = new RegExp(`^(?:${sedAddress}(?:,${sedAddress})?)?[pdq=]$`);
const sedReplacing = ['/', '|', ',', '#', ':'].map(
  (mark) =>
    new RegExp(`^(?:\\d+|\\$)?s[${mark}]${sedPattern(mark)}[${mark}](?:[^\\\\\\n${mark}]|\\\\.)*[${mark}][gpI\\d]*$`),
);

/** Only scripts that print, delete or replace without further flags are known to do no more. */
function sedDoesMore([script = '?']: readonly string[]): boolean {
  return !script
    .split(/\s*;\s*|\n/)
    .every((part) => sedPlain.test(part) || sedReplacing.some((replacing) => replacing.test(part)));
}

/** Tests evaluate the subscripts of what they compare, and run the commands in them. */
function hasSubscript(words: readonly string[]): boolean {
  return words.some((word) => /\[.*[$`]/s.test(word));
}
