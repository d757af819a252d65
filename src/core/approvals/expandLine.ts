import type { CommandLine, SimpleCommand, Unreadable } from './commandLine.ts';
import { readShellCommand } from './shellParser.ts';
import { unwrap } from './wrappers.ts';

const maxDepth = 5;

/** A command, or what another one was told to run. */
export interface Step {
  readonly command: SimpleCommand;
  /** False for one that only runs others, which are steps of their own. */
  readonly needsRule: boolean;
}

export interface Steps {
  readonly steps: readonly Step[];
  readonly hasControlFlow: boolean;
}

/** Every command of a line, with those that others are told to run. */
export function stepsOf(line: CommandLine): Steps | { readonly why: Unreadable } {
  const steps: Step[] = [];
  let { hasControlFlow } = line;
  const add = (commands: readonly SimpleCommand[], depth: number): Unreadable | undefined => {
    if (depth > maxDepth) {
      return 'tooLong';
    }
    for (const command of commands) {
      const unwrapped = unwrap(command);
      const { inner = [], scripts = [], isTransparent = false, why } = unwrapped ?? {};
      if (why !== undefined) {
        return why;
      }
      const runsSomething = inner.length + scripts.length > 0;
      steps.push({ command, needsRule: !isTransparent || !runsSomething });
      const problem = add(
        inner.map((each) => within(command, each)),
        depth + 1,
      );
      if (problem !== undefined) {
        return problem;
      }
      for (const script of scripts) {
        const reading = readShellCommand(script);
        if (reading.kind === 'unreadable') {
          return reading.why;
        }
        hasControlFlow ||= reading.line.hasControlFlow;
        const { commands: read } = reading.line;
        const inScript = add(command.isElsewhere === true ? read.map(elsewhere) : read, depth + 1);
        if (inScript !== undefined) {
          return inScript;
        }
      }
    }
    return undefined;
  };
  const why = add(line.commands, 0);
  return why === undefined ? { steps, hasControlFlow } : { why };
}

/** What is set before a wrapper holds for what it runs, and so does the folder that it begins in. */
function within({ assignments, isElsewhere }: SimpleCommand, command: SimpleCommand): SimpleCommand {
  const inner =
    assignments.length === 0 ? command : { ...command, assignments: [...assignments, ...command.assignments] };
  return isElsewhere === true ? elsewhere(inner) : inner;
}

function elsewhere(command: SimpleCommand): SimpleCommand {
  return { ...command, isElsewhere: true };
}
