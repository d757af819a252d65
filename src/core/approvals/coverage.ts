import { forEachChild, type Script, type SyntaxNode } from 'unbash';

/** Substitutions within one another; nobody follows more. */
const maxDepth = 20;

/**
 * Whether the tree accounts for every character of what it was made from: what lies between its words may only be blanks,
 * operators that join commands, and comments. A tolerant parser may pass over a character; a shell does not.
 */
export function isFullyRead(script: Script, source: string, depth = 0): boolean {
  if (depth > maxDepth) {
    return false;
  }
  const own = script.source ?? source;
  const from = script.source === undefined ? script.pos : 0;
  const to = script.source === undefined ? script.end : own.length;
  const covered = new Uint8Array(own.length);
  const nested: Script[] = [];
  cover(script, covered, nested);
  for (let at = from; at < to; at++) {
    if (covered[at] === 1) {
      continue;
    }
    const character = own[at] ?? '';
    if (character === '\\' && own[at + 1] === '\n') {
      at++;
    } else if (character === '#' && (at === from || /[\s;&|()]/.test(own[at - 1] ?? ''))) {
      for (at++; at < to && own[at] !== '\n'; at++) {
        // The rest of the line is a comment.
      }
    } else if (!/[ \t\n;&|]/.test(character)) {
      return false;
    }
  }
  return nested.every((inner) => isFullyRead(inner, own, depth + 1));
}

/** Marks what a node stands for by itself. What is nested in a word is a text of its own. */
function cover(node: SyntaxNode, covered: Uint8Array, nested: Script[]): void {
  switch (node.type) {
    case 'Word':
    case 'Assignment':
    case 'Time':
    case 'Negation':
    case 'HereDocDelimiter':
    case 'HereDocBody':
    case 'Redirect':
    case 'HereString':
      covered.fill(1, node.pos, node.end);
      break;
    case 'HereDoc':
      covered.fill(1, node.pos, node.end);
      covered.fill(1, node.body.pos, node.body.end);
      if (node.closing !== undefined) {
        covered.fill(1, node.closing.pos, node.closing.end);
      }
      break;
    case 'Subshell':
    case 'BraceGroup':
      covered[node.pos] = 1;
      covered[node.end - 1] = 1;
      break;
    case 'If':
    case 'While':
    case 'For':
    case 'Select':
    case 'Case':
    case 'Function':
    case 'Coproc':
    case 'ArithmeticFor':
    case 'ArithmeticCommand':
    case 'TestCommand':
      // No rule allows what these hold, so that a character in between changes nothing.
      covered.fill(1, node.pos, node.end);
      break;
    default:
      break;
  }
  forEachChild(node, (child) => {
    if (child.type === 'Script') {
      nested.push(child);
    } else {
      cover(child, covered, nested);
    }
  });
}
