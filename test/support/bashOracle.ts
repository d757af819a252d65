import { createRequire } from 'node:module';
import path from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';

/** What a second parser sees in a command line; it shares nothing with the first. */
export interface Seen {
  /** It could not read all of it. */
  readonly hasErrors: boolean;
  /** The words of each command, as they stand in the text. */
  readonly commands: readonly (readonly string[])[];
  /** Operators and targets of redirections. */
  readonly redirections: readonly string[];
  readonly assignments: readonly string[];
  /** Kinds of nodes by which the flow is controlled. */
  readonly flow: readonly string[];
}

const flowKinds: ReadonlySet<string> = new Set([
  'function_definition',
  'for_statement',
  'c_style_for_statement',
  'while_statement',
  'if_statement',
  'case_statement',
  'test_command',
  'arithmetic_expansion',
  'heredoc_redirect',
  'herestring_redirect',
]);

/** tree-sitter's grammar of bash, as WebAssembly. */
export class BashOracle {
  readonly #parser: Parser;

  private constructor(parser: Parser) {
    this.#parser = parser;
  }

  static async load(): Promise<BashOracle> {
    const require = createRequire(import.meta.url);
    await Parser.init();
    const folder = path.dirname(require.resolve('tree-sitter-bash/package.json'));
    const parser = new Parser();
    parser.setLanguage(await Language.load(path.join(folder, 'tree-sitter-bash.wasm')));
    return new BashOracle(parser);
  }

  see(text: string): Seen {
    const tree = this.#parser.parse(text);
    if (tree === null) {
      throw new Error('the oracle reads nothing');
    }
    const seen = { hasErrors: tree.rootNode.hasError, commands: [], redirections: [], assignments: [], flow: [] };
    visit(tree.rootNode, seen);
    tree.delete();
    return seen;
  }

  close(): void {
    this.#parser.delete();
  }
}

function visit(
  node: Node,
  seen: { commands: string[][]; redirections: string[]; assignments: string[]; flow: string[] },
): void {
  switch (node.type) {
    case 'command':
      seen.commands.push(wordsOf(node));
      break;
    case 'declaration_command':
    case 'unset_command':
      seen.commands.push([node.text]);
      break;
    case 'file_redirect': {
      const [target] = node.childrenForFieldName('destination');
      seen.redirections.push(
        target === undefined || target === null ? node.text : node.text.slice(0, target.endIndex - node.startIndex),
      );
      break;
    }
    case 'variable_assignment':
      seen.assignments.push(node.text);
      break;
    default:
      if (flowKinds.has(node.type) && !isConstant(node)) {
        seen.flow.push(node.type);
      }
  }
  for (const child of node.namedChildren) {
    if (child !== null) {
      visit(child, seen);
    }
  }
}

/** A calculation of nothing but numbers runs nothing. */
function isConstant({ type, text }: Node): boolean {
  return type === 'arithmetic_expansion' && /^\$\(\([\d\s+*/%()-]*\)\)$/.test(text);
}

/** The grammar counts words after the target of a redirection as further targets; to the shell they are arguments. */
function wordsOf(command: Node): string[] {
  const own = command.namedChildren.flatMap((child) => {
    switch (child?.type) {
      case undefined:
      case 'variable_assignment':
      case 'herestring_redirect':
        return [];
      case 'file_redirect':
        return furtherTargets(child);
      default:
        return [child?.text ?? ''];
    }
  });
  return [...own, ...wordsBehind(command)];
}

/** A redirection behind a command belongs to the statement around it, and so, to the grammar, does what follows it. */
function wordsBehind(command: Node): string[] {
  for (let around = command.parent; around !== null; around = around.parent) {
    if (around.type === 'redirected_statement') {
      const [body, ...redirects] = around.namedChildren;
      return body?.endIndex === command.endIndex ? redirects.flatMap(furtherTargets) : [];
    }
  }
  return [];
}

function furtherTargets(redirect: Node | null | undefined): string[] {
  const targets = redirect?.type === 'file_redirect' ? redirect.childrenForFieldName('destination') : [];
  return targets.slice(1).map((word) => word?.text ?? '');
}
