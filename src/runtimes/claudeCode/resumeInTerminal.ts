import { GreenroomError } from '../../base/errors.ts';
import type { TerminalContext, TerminalProgram } from '../../core/runtime.ts';
import { permissionModeOf } from './args.ts';
import { buildEnvironment } from './environment.ts';
import { cliNotFound } from './errors.ts';
import { cliName, locateCli } from './locateCli.ts';
import type { ClaudeCodeServices } from './services.ts';

/** Set inside of another Claude Code, which an editor that was started from there passes on: it would refuse to nest. */
const nested = /^CLAUDECODE$|^CLAUDE_CODE_/;

/** The CLI as a person uses it, going on with a conversation. Throws `cliNotFound`. */
export function resumeInTerminal(
  services: Pick<ClaudeCodeServices, 'environment' | 'findExecutable'>,
  nativeSessionId: string,
  { command, env, mode, permissionMode, model }: TerminalContext,
): TerminalProgram {
  const inherited = services.environment();
  const path = locateCli(services, command, buildEnvironment(inherited, env));
  if (path === undefined) {
    throw new GreenroomError(cliNotFound(cliName(command)));
  }
  const unset = Object.keys(inherited).flatMap((name) => (nested.test(name) ? [[name, null] as const] : []));
  // Without a mode the CLI would choose one of its own, in which it may ask for nothing.
  const args = ['--resume', nativeSessionId, '--permission-mode', permissionModeOf(mode, permissionMode)];
  return {
    path,
    args: model === undefined || model === '' ? args : [...args, '--model', model],
    env: { ...Object.fromEntries(unset), ...env },
  };
}
