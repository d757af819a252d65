import { asRecord, asString } from '../../base/json.ts';
import type { OwnTools } from './ownTools.ts';

/**
 * Why a call that would start a background shell of the CLI's own is refused, and what to call instead; undefined for any
 * other call, and where none of our tools can stand in. For the model, so in English.
 */
export function ownShellRefusal(tools: OwnTools, toolName: string, input: unknown): string | undefined {
  const bash = tools.cliNameOf('bash');
  const { command, run_in_background: inBackground } = asRecord(input);
  const startsShell =
    ((toolName === 'Bash' || toolName === 'PowerShell') && inBackground === true) ||
    // Watches the output of a command; what it watches else is no shell.
    (toolName === 'Monitor' && command !== undefined);
  if (bash === undefined || !startsShell) {
    return undefined;
  }
  const call = JSON.stringify({ command: shortened(asString(command) ?? ''), background: true });
  const [read, stop] = [tools.cliNameOf('bash_output'), tools.cliNameOf('kill_shell')];
  return [
    `${toolName} may not start background shells here, where the user could neither see nor stop them.`,
    `Call ${bash} with ${call} instead: it answers at once with the id of the shell.`,
    ...(read === undefined ? [] : [`Read what it prints with ${read}.`]),
    ...(stop === undefined ? [] : [`Stop it with ${stop}.`]),
  ].join(' ');
}

/** The model knows the command: it only has to see where it goes. */
function shortened(command: string): string {
  return command.length > 200 ? `${command.slice(0, 199)}…` : command;
}
