import {
  type Assignment,
  exactWord,
  literalOf,
  type SimpleCommand,
  type Unreadable,
  unknownWord,
  type Word,
} from './commandLine.ts';
import { programName } from './wordTexts.ts';

/** What a command runs that is named in its words. */
export interface Unwrapped {
  readonly inner: readonly SimpleCommand[];
  /** Texts that a shell will read. */
  readonly scripts: readonly string[];
  /** What it runs is all that it does: it needs no rule of its own. */
  readonly isTransparent: boolean;
  /** It has a shell read what is known only when it runs. */
  readonly why?: Unreadable;
}

interface WrapperFacts {
  /** Options that stand alone, and those whose value is the next word. A value may also be attached to either. */
  readonly flags: RegExp;
  readonly valued: RegExp;
  /** Words between the options and the command. */
  readonly skip?: number;
  /** Options that let the command begin in another folder. */
  readonly moves?: RegExp | 'always';
  readonly isTransparent: boolean;
}

const none = /^$/;
/** Of those that are not transparent the options are known so far as to find the command that follows. */
const wrappers: ReadonlyMap<string, WrapperFacts> = new Map<string, WrapperFacts>([
  ['nohup', { flags: none, valued: none, isTransparent: true }],
  ['time', { flags: /^-p$/, valued: none, isTransparent: true }],
  ['builtin', { flags: none, valued: none, isTransparent: true }],
  ['setsid', { flags: /^(?:-[cfw]+|--wait|--fork|--ctty)$/, valued: none, isTransparent: true }],
  ['nice', { flags: /^(?:-\d+|-n-?\d+|--adjustment=-?\d+)$/, valued: /^(?:-n|--adjustment)$/, isTransparent: true }],
  ['ionice', { flags: /^(?:-t|-[cn]\d+)$/, valued: /^-[cn]$/, isTransparent: true }],
  [
    'stdbuf',
    { flags: /^(?:-[ioe][0L\d]+|--(?:input|output|error)=[0L\d]+)$/, valued: /^-[ioe]$/, isTransparent: true },
  ],
  [
    'timeout',
    {
      flags: /^(?:-v|--foreground|--preserve-status|--verbose|-[ks]\w+|--(?:kill-after|signal)=\w+)$/,
      valued: /^(?:-k|-s|--kill-after|--signal)$/,
      skip: 1,
      isTransparent: true,
    },
  ],
  [
    'xargs',
    {
      flags: /^(?:-[0rtx]+|--null|--no-run-if-empty|--verbose|--exit|-[nPLIds].+|--[\w-]+=.*)$/,
      valued: /^-[nPLIdsEa]$/,
      isTransparent: true,
    },
  ],
  [
    'sudo',
    {
      flags: /^(?:-[AbEeHiKklnPSsvV]+|--ch(?:dir|root)=.*)$/,
      valued: /^(?:-[CDghpRrTtUu]|--ch(?:dir|root))$/,
      moves: /^(?:-[DRi]|--ch|--lo)/,
      isTransparent: false,
    },
  ],
  ['doas', { flags: /^-[Lns]+$/, valued: /^-[Cu]$/, isTransparent: false }],
  ['exec', { flags: /^-[cl]+$/, valued: /^-a$/, isTransparent: false }],
  ['watch', { flags: /^-[a-zA-Z]+$/, valued: /^-n$/, isTransparent: false }],
  ['npx', { flags: /^(?:-y|--yes|--no|-q|--no-install)$/, valued: /^(?:-p|--package)$/, isTransparent: false }],
  ['bunx', { flags: /^--bun$/, valued: none, isTransparent: false }],
  ['chroot', { flags: none, valued: none, skip: 1, moves: 'always', isTransparent: false }],
  ['flock', { flags: /^-[a-z]+$/, valued: /^-[wE]$/, skip: 1, isTransparent: false }],
  ['strace', { flags: /^-[a-zA-Z]+$/, valued: /^-[eopsSu]$/, isTransparent: false }],
  ['caffeinate', { flags: /^-[dimsu]+$/, valued: /^-[tw]$/, isTransparent: false }],
  ['unbuffer', { flags: /^-p$/, valued: none, isTransparent: false }],
]);

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'zsh', 'dash', 'ash', 'ksh', 'mksh']);
const execOptions: ReadonlySet<string> = new Set(['-exec', '-execdir', '-ok', '-okdir']);

/** What the command runs in turn; `undefined` for one that runs nothing that its words name. */
export function unwrap(command: SimpleCommand): Unwrapped | undefined {
  const name = programName(command);
  if (name === undefined) {
    return undefined;
  }
  // Only the program of that name on the path is the wrapper; another of the same name may be anything.
  const isPlain = literalOf(command.words[0]) === name;
  const args = command.words.slice(1);
  const found = shells.has(name)
    ? shellScript(args)
    : name === 'eval'
      ? evalScript(args)
      : name === 'env'
        ? envCommand(args)
        : name === 'command'
          ? commandBuiltin(args)
          : name === 'find'
            ? findCommands(args)
            : wrapped(wrappers.get(name), name, args);
  return found === undefined || isPlain ? found : { ...found, isTransparent: false };
}

function wrapped(facts: WrapperFacts | undefined, name: string, args: readonly Word[]): Unwrapped | undefined {
  if (facts === undefined) {
    return undefined;
  }
  let at = 0;
  for (; at < args.length; at++) {
    const option = literalOf(args[at]);
    if (option === '--') {
      at++;
      break;
    }
    if (option === undefined || !option.startsWith('-')) {
      break;
    }
    if (facts.valued.test(option)) {
      at++;
    } else if (!facts.flags.test(option)) {
      return { ...innerOf(args.slice(at + 1)), isTransparent: false };
    }
  }
  const start = at + (facts.skip ?? 0);
  const words = args.slice(start);
  const inner = name === 'xargs' ? xargsWords(args.slice(0, at), words) : words;
  // A word in front that is not known may be several, and one of them the program.
  const isPlain = args.slice(at, start).every((word) => literalOf(word) !== undefined);
  const { moves } = facts;
  const isMoved = moves === 'always' || args.slice(0, at).some((word) => moves?.test(literalOf(word) ?? '') === true);
  return { ...innerOf(inner, [], isMoved), isTransparent: facts.isTransparent && isPlain };
}

/** The input comes last, or in the place of a mark, in whatever word that stands. */
function xargsWords(options: readonly Word[], words: readonly Word[]): readonly Word[] {
  const texts = options.map((word) => literalOf(word) ?? '');
  const replacing = texts.findIndex((text) => /^(?:-[Ii]|--replace)/.test(text));
  if (replacing < 0) {
    return [...(words.length === 0 ? [exactWord('echo')] : words), unknownWord];
  }
  const option = texts[replacing] ?? '';
  const mark = (option === '-I' ? texts[replacing + 1] : option.replace(/^(?:-[Ii]|--replace=?)/, '')) || '{}';
  return words.map((word) => (literalOf(word)?.includes(mark) === false ? word : unknownWord));
}

function innerOf(
  words: readonly Word[],
  assignments: readonly Assignment[] = [],
  isElsewhere = false,
): Omit<Unwrapped, 'isTransparent'> {
  const command = { words, assignments, redirections: [], ...(isElsewhere ? { isElsewhere } : {}) };
  return { inner: words.length === 0 ? [] : [command], scripts: [] };
}

/** `sh -c 'text'`: the options before it may hold further letters, as in `-lc`. */
function shellScript(args: readonly Word[]): Unwrapped | undefined {
  for (const [at, word] of args.entries()) {
    const option = literalOf(word);
    if (option === undefined) {
      return { inner: [], scripts: [], isTransparent: false, why: 'ambiguous' };
    }
    if (!/^[-+][a-zA-Z]+$/.test(option)) {
      return undefined;
    }
    if (option.startsWith('-') && option.includes('c')) {
      const script = literalOf(args[at + 1]);
      return script === undefined
        ? { inner: [], scripts: [], isTransparent: false, why: 'ambiguous' }
        : // `-i` and `-s` would read more than the text.
          { inner: [], scripts: [script], isTransparent: /^-[ceulx]+$/.test(option) && at === 0 };
    }
    if (/[oO]$/.test(option)) {
      return { inner: [], scripts: [], isTransparent: false, why: 'ambiguous' };
    }
  }
  return undefined;
}

function evalScript(args: readonly Word[]): Unwrapped {
  const texts = args.map(literalOf);
  return texts.some((text) => text === undefined)
    ? { inner: [], scripts: [], isTransparent: false, why: 'ambiguous' }
    : { inner: [], scripts: [texts.join(' ')], isTransparent: true };
}

function envCommand(args: readonly Word[]): Unwrapped | undefined {
  const assignments: Assignment[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    const text = literalOf(word);
    if (text === '-i' || text === '--ignore-environment' || text === '-0') {
      continue;
    }
    if (text === '-u' || text === '-C') {
      at++;
      continue;
    }
    const first = word?.pieces[0];
    const [, name, rest] = first?.kind === 'exact' ? (/^(\w+)=(.*)$/su.exec(first.text) ?? []) : [];
    if (name !== undefined && rest !== undefined && word !== undefined) {
      const pieces = [{ kind: 'exact', text: rest } as const, ...word.pieces.slice(1)];
      assignments.push({ name, values: [{ text: word.text, pieces }] });
      continue;
    }
    if (text?.startsWith('-') === true && text !== '--') {
      // `-S` splits a text in its own way.
      return { ...innerOf(args.slice(at + 1), assignments), isTransparent: false, why: 'ambiguous' };
    }
    const options = args.slice(0, at).map(literalOf);
    const isMoved = options.includes('-C');
    return {
      ...innerOf(args.slice(text === '--' ? at + 1 : at), assignments, isMoved),
      isTransparent: !options.some((option) => option?.startsWith('-') === true),
    };
  }
  return undefined;
}

/** `command -v name` only looks it up. */
function commandBuiltin(args: readonly Word[]): Unwrapped | undefined {
  const option = literalOf(args[0]);
  if (option === '-v' || option === '-V') {
    return undefined;
  }
  return { ...innerOf(option === '-p' || option === '--' ? args.slice(1) : args), isTransparent: true };
}

/** What `find` has found begins with the folder that was searched: any name, but no option. */
const foundFile: Word = {
  text: '{}',
  pieces: [
    { kind: 'exact', text: './' },
    { kind: 'unknown', quoted: true },
  ],
};

function findCommands(args: readonly Word[]): Unwrapped | undefined {
  const inner: SimpleCommand[] = [];
  for (let at = 0; at < args.length; at++) {
    const option = literalOf(args[at]) ?? '';
    if (!execOptions.has(option)) {
      continue;
    }
    const words: Word[] = [];
    for (at++; at < args.length && literalOf(args[at]) !== ';'; at++) {
      const word = args[at];
      const text = literalOf(word);
      if (text === '+' && words.at(-1) === foundFile) {
        break;
      }
      words.push(text === '{}' ? foundFile : word === undefined || text?.includes('{}') !== false ? unknownWord : word);
    }
    inner.push(...innerOf(words, [], option.endsWith('dir')).inner);
  }
  return inner.length === 0 ? undefined : { inner, scripts: [], isTransparent: false };
}
