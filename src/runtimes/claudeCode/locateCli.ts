import type { ClaudeCodeServices } from './services.ts';

/** Where installers put the CLI when it is not in the PATH. */
const usualPlaces = [
  '~/.local/bin',
  '~/.claude/local',
  '~/.npm-global/bin',
  '~/.bun/bin',
  '~/.volta/bin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
];

/** The CLI's absolute path; `command` is what is configured, possibly empty. */
export function locateCli(
  services: Pick<ClaudeCodeServices, 'findExecutable'>,
  command: string,
  env: Readonly<Record<string, string>>,
): string | undefined {
  return services.findExecutable(cliName(command), env['PATH'] ?? env['Path'] ?? '', usualPlaces);
}

export function cliName(command: string): string {
  return command === '' ? 'claude' : command;
}
