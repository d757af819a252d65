import { literalOf, type SimpleCommand } from './commandLine.ts';
import { doesMore } from './riskyOptions.ts';
import { programName } from './wordTexts.ts';
import { unwrap } from './wrappers.ts';

/** Programs that write nothing but what they print, unless an option says so: what they name is read. */
const readers: ReadonlySet<string> = new Set([
  '[',
  'ag',
  'awk',
  'basename',
  'bat',
  'cat',
  'cd',
  'cmp',
  'column',
  'comm',
  'cut',
  'date',
  'df',
  'diff',
  'dirname',
  'du',
  'echo',
  'egrep',
  'false',
  'fd',
  'fgrep',
  'file',
  'find',
  'fold',
  'grep',
  'head',
  'hexdump',
  'id',
  'jq',
  'less',
  'ls',
  'md5sum',
  'more',
  'nl',
  'od',
  'paste',
  'printf',
  'ps',
  'pwd',
  'readlink',
  'realpath',
  'rev',
  'rg',
  'sed',
  'seq',
  'sha1sum',
  'sha256sum',
  'shasum',
  'sleep',
  'sort',
  'stat',
  'strings',
  'tac',
  'tail',
  'test',
  'tr',
  'tree',
  'true',
  'type',
  'uname',
  'uniq',
  'wait',
  'wc',
  'which',
  'whoami',
  'xxd',
  'zcat',
  'zgrep',
  ':',
]);

/** Subcommands of git that change no file of the work tree, so that a path in them is none that is written. */
const gitReaders: ReadonlySet<string> = new Set([
  'add',
  'blame',
  'branch',
  'cat-file',
  'check-ignore',
  'cherry',
  'commit',
  'describe',
  'diff',
  'fetch',
  'grep',
  'log',
  'ls-files',
  'ls-remote',
  'ls-tree',
  'merge-base',
  'push',
  'rev-list',
  'rev-parse',
  'shortlog',
  'show',
  'status',
  'tag',
]);

/** Programs that run what comes on their input, if their words name nothing else. */
const inputRunners: ReadonlySet<string> = new Set([
  'sh',
  'bash',
  'zsh',
  'dash',
  'ash',
  'ksh',
  'mksh',
  'fish',
  'python',
  'python3',
  'node',
  'deno',
  'bun',
  'perl',
  'ruby',
  'php',
  'lua',
  'tclsh',
  'osascript',
  'pwsh',
  'powershell',
  'xargs',
  'parallel',
  'ssh',
  'at',
  'batch',
  'patch',
  'ed',
  'ex',
  'psql',
  'sqlite3',
]);

/** Commands that write protected files without naming them: the program, words that have to be there, and those that must not. */
const indirectWriters: ReadonlyMap<string, readonly { readonly any?: RegExp; readonly none?: RegExp }[]> = new Map([
  ['npm', [{ any: /^(?:config|c|set|adduser|login|logout)$/, none: /^(?:get|list|ls)$/ }]],
  ['pnpm', [{ any: /^(?:config|c|set|login|setup)$/, none: /^(?:get|list)$/ }]],
  ['yarn', [{ any: /^config$/, none: /^(?:get|list)$/ }]],
  ['pip', [{ any: /^config$/, none: /^(?:get|list|debug)$/ }]],
  ['pip3', [{ any: /^config$/, none: /^(?:get|list|debug)$/ }]],
  ['husky', [{}]],
  ['pre-commit', [{ any: /^(?:install|uninstall|init-templatedir)$/ }]],
  ['lefthook', [{ any: /^(?:install|uninstall|add)$/ }]],
  ['crontab', [{ none: /^-l$/ }]],
  ['direnv', [{ any: /^(?:allow|permit|grant|edit)$/ }]],
  ['claude', [{ any: /^(?:mcp|config|plugin|install|update|setup-token)$/ }]],
  ['codex', [{ any: /^(?:mcp|login|features)$/ }]],
  ['gemini', [{ any: /^(?:mcp|extensions|hooks|skills)$/ }]],
  ['opencode', [{ any: /^(?:auth|mcp|agent|plugin)$/ }]],
  ['code', [{ any: /^--(?:install-extension|uninstall-extension|add-mcp|profile)/ }]],
  ['cursor', [{ any: /^--(?:install-extension|uninstall-extension|add-mcp|profile)/ }]],
  ['codium', [{ any: /^--(?:install-extension|uninstall-extension|add-mcp|profile)/ }]],
  ['code-server', [{ any: /^--(?:install-extension|uninstall-extension)/ }]],
  ['systemctl', [{ any: /^(?:enable|edit|link|set-environment)$/ }]],
  ['launchctl', [{ any: /^(?:load|bootstrap|submit|setenv|config)$/ }]],
  ['defaults', [{ any: /^(?:write|delete|import)$/ }]],
  ['chsh', [{}]],
  ['conda', [{ any: /^(?:init|config)$/ }]],
  ['gh', [{ any: /^(?:setup-git|alias|extension|extensions)$/ }]],
  ['ssh-copy-id', [{}]],
  ['ssh-keygen', [{}]],
  ['aws', [{ any: /^configure$/, none: /^(?:get|list)$/ }]],
]);

const gitConfigChanging = /^(?:--unset(?:-all)?|--remove-section|--rename-section|--edit|-e|edit|unset)$/;
const gitConfigReading = /^(?:--get(?:-all|-regexp|-urlmatch)?|--list|-l|get|list)$/;

/** What the words name is only read, by the command and by what it runs. */
export function isReader(command: SimpleCommand): boolean {
  const name = programName(command) ?? '';
  const reads = name === 'git' ? gitReaders.has(gitSubcommand(command) ?? '') : readers.has(name);
  return reads && !doesMore(command, 1) && unwrap(command)?.inner.every(isReader) !== false;
}

export function runsItsInput(command: SimpleCommand): boolean {
  const name = programName(command) ?? '';
  return (
    inputRunners.has(name) || (name === 'git' && /^(?:apply|am|fast-import|config)$/.test(gitSubcommand(command) ?? ''))
  );
}

/** It writes a protected file that its words do not name. */
export function writesProtectedIndirectly(command: SimpleCommand): boolean {
  const name = programName(command) ?? '';
  const words = command.words.slice(1).map((word) => literalOf(word) ?? '');
  if (name === 'git') {
    return gitWritesSettings(gitSubcommand(command), words);
  }
  return (indirectWriters.get(name) ?? []).some(
    ({ any, none }) =>
      (any === undefined || words.some((word) => any.test(word))) &&
      (none === undefined || !words.some((word) => none.test(word))),
  );
}

function gitWritesSettings(subcommand: string | undefined, words: readonly string[]): boolean {
  switch (subcommand) {
    case 'config': {
      const rest = words.slice(words.indexOf('config') + 1);
      const values = rest.filter((word) => !word.startsWith('-'));
      const isRead = rest.some((word) => gitConfigReading.test(word));
      return rest.some((word) => gitConfigChanging.test(word)) || (!isRead && values.length !== 1);
    }
    case 'submodule':
      return words.some((word) => /^(?:add|set-url|set-branch|foreach|update|init|sync)$/.test(word));
    case 'lfs':
      return words.some((word) => /^(?:install|uninstall|update)$/.test(word));
    case 'maintenance':
      return words.some((word) => /^(?:start|stop|register|unregister)$/.test(word));
    case 'init':
    case 'clone':
      return words.some((word) => /^--(?:te|sep|conf)/.test(word) || word === '-c');
    default:
      return false;
  }
}

const gitOptionsWithValue: ReadonlySet<string> = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--config-env',
  '--exec-path',
  '--super-prefix',
]);

/** The first word of git that is neither an option of git itself nor its value. */
function gitSubcommand(command: SimpleCommand): string | undefined {
  for (let at = 1; at < command.words.length; at++) {
    const word = literalOf(command.words[at]);
    if (word === undefined || !word.startsWith('-')) {
      return word;
    }
    if (gitOptionsWithValue.has(word)) {
      at++;
    }
  }
  return undefined;
}
