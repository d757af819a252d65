import {
  type Assignment as AssignmentNode,
  type Command,
  forEachChild,
  parse,
  type Redirection as RedirectionNode,
  type SyntaxNode,
} from 'unbash';
import { showInvisible } from '../../base/visibleText.ts';
import { isFullyRead } from './coverage.ts';
import { isComputed, notKnown, piecesOf, UnreadableCommand, wordOf } from './shellWords.ts';
import type { Assignment, Reading, Redirection, SimpleCommand, Word } from './commandLine.ts';

/** Nobody reads a longer one before they approve it. */
const maxCommandLength = 20_000;
/** More than the limit of what is allowed without asking; beyond it nothing new is learned. */
const maxCollectedCommands = 500;
const maxCollectedWords = 2_000;
const maxPieces = 500;

/** Reads a command line as a POSIX shell would. What is not certain is unreadable. */
export function readShellCommand(text: string): Reading {
  if (text.length > maxCommandLength) {
    return { kind: 'unreadable', why: 'tooLong' };
  }
  if (showInvisible(text) !== text) {
    return { kind: 'unreadable', why: 'invisibleCharacters' };
  }
  try {
    const script = parse(text);
    // A line that ends in a backslash goes on with what is not there.
    if (/\\\s*$/.test(text) || !isFullyRead({ ...script, pos: 0, end: text.length }, text)) {
      return { kind: 'unreadable', why: 'syntax' };
    }
    const collector = new Collector();
    collector.visit(script);
    return {
      kind: 'line',
      line: { commands: collector.commands, hasControlFlow: collector.hasControlFlow },
    };
  } catch (error) {
    return { kind: 'unreadable', why: error instanceof UnreadableCommand ? error.why : 'syntax' };
  }
}

class Collector {
  readonly commands: SimpleCommand[] = [];
  hasControlFlow = false;
  #words = 0;

  visit(node: SyntaxNode): void {
    switch (node.type) {
      case 'Script':
        if ((node.errors?.length ?? 0) > 0) {
          throw new UnreadableCommand('syntax');
        }
        break;
      case 'Command':
        // Without a word and a variable zsh runs a program of its own choice.
        this.hasControlFlow ||= node.name === undefined && !node.prefix.some(({ type }) => type === 'Assignment');
        this.#add(commandOf(node));
        break;
      case 'Pipeline':
        // `!` and `time` alone: not every shell takes them.
        if (node.commands.length === 0) {
          throw new UnreadableCommand('syntax');
        }
        break;
      case 'Redirected':
        this.#add({ words: [], assignments: [], redirections: node.redirects.map(redirectionOf) });
        break;
      case 'For':
      case 'Select':
        this.hasControlFlow = true;
        this.#add({
          words: [],
          assignments: [{ name: node.name.text, values: node.wordlist?.map(wordOf) ?? [notKnown('"$@"', false)] }],
          redirections: [],
        });
        break;
      case 'ArithmeticExpansion':
        // A variable in it is evaluated in turn, and the subscripts of that can run commands.
        this.hasControlFlow ||= !/^[$([\d\s+*/%)\]-]+$/.test(node.text);
        break;
      case 'ParameterExpansion':
        this.hasControlFlow ||= isComputed(node);
        break;
      case 'Function':
      case 'Coproc':
      case 'If':
      case 'While':
      case 'Case':
      case 'ArithmeticFor':
      case 'ArithmeticCommand':
      case 'TestCommand':
        this.hasControlFlow = true;
        break;
      case 'CommandExpansion':
      case 'ArithmeticCommandExpansion':
      case 'ProcessSubstitution':
        if (node.script === undefined || node.script.commands.length === 0) {
          throw new UnreadableCommand('syntax');
        }
        if (node.text.startsWith('${')) {
          // Only the newest bash takes a command there.
          throw new UnreadableCommand('ambiguous');
        }
        break;
      case 'Word':
        // Also of those that are no word of a command: each is read by the same rules.
        this.#words += 1;
        if (this.#words > maxCollectedWords || (node.parts?.length ?? 0) > maxPieces) {
          throw new UnreadableCommand('tooLong');
        }
        wordOf(node);
        break;
      default:
        break;
    }
    forEachChild(node, (child) => this.visit(child));
  }

  #add(command: SimpleCommand): void {
    if (this.commands.length >= maxCollectedCommands) {
      throw new UnreadableCommand('tooLong');
    }
    this.commands.push(command);
  }
}

function commandOf(node: Command): SimpleCommand {
  const assignments = node.prefix.flatMap((item) => (item.type === 'Assignment' ? [assignmentOf(item)] : []));
  const items = [...(node.name === undefined ? [] : [node.name]), ...node.args];
  // To a shell they would be one word, such as `a<(b)`.
  if (items.some(({ pos }, index) => pos === items[index - 1]?.end)) {
    throw new UnreadableCommand('ambiguous');
  }
  const words = items.map((item) => (item.type === 'Word' ? wordOf(item) : assignmentWord(item)));
  return { words, assignments, redirections: node.redirects.map(redirectionOf) };
}

function assignmentOf(node: AssignmentNode): Assignment {
  const isPlain = node.value.type === 'Word' && node.append !== true && node.index === undefined;
  return { name: node.name, values: isPlain ? [wordOf(node.value)] : [notKnown(node.text, false)] };
}

/** `NAME=value` as an argument, such as of `export`. */
function assignmentWord(node: AssignmentNode): Word {
  if (node.value.type !== 'Word' || node.index !== undefined) {
    return notKnown(node.text, false);
  }
  const { pieces } = wordOf(node.value);
  return { text: node.text, pieces: [{ kind: 'exact', text: `${node.name}=` }, ...pieces] };
}

const streams: ReadonlySet<string> = new Set(['/dev/null', '/dev/stdout', '/dev/stderr', '/dev/stdin']);

function redirectionOf(node: RedirectionNode): Redirection {
  if (node.type === 'HereDoc') {
    const { body, delimiter } = node;
    const pieces = delimiter?.quoted === true ? undefined : body.parts?.flatMap((part) => piecesOf(part, true));
    return { kind: 'text', body: { text: body.text, pieces: pieces ?? [{ kind: 'exact', text: body.text }] } };
  }
  if (node.target === undefined) {
    throw new UnreadableCommand('syntax');
  }
  const target = wordOf(node.target);
  if (node.type === 'HereString') {
    return { kind: 'text', body: target };
  }
  const { text } = target;
  const isDuplicate = (node.operator === '>&' || node.operator === '<&') && /^(?:\d{1,2}|-)$/.test(text);
  // `{name}>file` sets a variable.
  if (node.descriptor?.type !== 'FileDescriptorVariable' && (isDuplicate || streams.has(text))) {
    return { kind: 'harmless' };
  }
  return { kind: node.operator === '<' ? 'read' : 'write', target };
}
