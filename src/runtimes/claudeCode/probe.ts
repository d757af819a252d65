import { messageOf } from '../../base/errors.ts';
import { isRecord, parseJson } from '../../base/json.ts';
import { t } from '../../base/l10n.ts';
import type { ProbeContext, RuntimeProbe } from '../../core/runtimeProbe.ts';
import { briefRun } from '../shared/briefRun.ts';
import { buildEnvironment } from './environment.ts';
import { cliNotFound, notLoggedIn, notStarted, versionTooOld } from './errors.ts';
import { cliName, locateCli } from './locateCli.ts';
import type { ClaudeCodeServices } from './services.ts';
import { isAtLeast } from './versions.ts';

/** A native CLI answers within a second; one on Node, on a loaded machine, takes several. */
const answerTimeoutMs = 15_000;
/** The oldest version whose stream is known. */
const oldestVersion = '2.0.77';
/** Older ones could take `auth status` for a prompt and begin a turn. */
const firstAuthVersion = '2.1.197';
/** From which the CLI takes what it shows to the service. */
const keyVariables = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'];

/** Looks for the CLI, and asks it for its version and its login: no network, no turn, and not in the workspace's folder. */
export async function probeClaudeCode(services: ClaudeCodeServices, context: ProbeContext): Promise<RuntimeProbe> {
  const env = buildEnvironment(services.environment(), context.env);
  const keyNames = keyVariables.filter((name) => (env[name] ?? '') !== '');
  const path = locateCli(services, context.command, env);
  if (path === undefined) {
    return { state: 'notFound', keyNames, problem: cliNotFound(cliName(context.command)) };
  }
  if (!context.mayRun) {
    return { state: 'found', path, keyNames };
  }
  const ask = (...args: readonly string[]) =>
    briefRun(services, { command: path, args, cwd: folderOf(path), env }, answerTimeoutMs);
  try {
    const { output, timedOut, code } = await ask('--version');
    const version = /\b\d+\.\d+\.\d+\b/.exec(output)?.[0];
    if (version === undefined) {
      const reason = timedOut
        ? t('it did not say its version within {0} seconds', answerTimeoutMs / 1000)
        : t('it did not say its version (exit code {0})', code);
      return { state: 'broken', path, keyNames, problem: notStarted(reason) };
    }
    const found = { path, version, keyNames };
    if (!isAtLeast(version, oldestVersion)) {
      return { state: 'tooOld', ...found, problem: versionTooOld(version, oldestVersion) };
    }
    const loggedIn = isAtLeast(version, firstAuthVersion)
      ? readLogin((await ask('auth', 'status', '--json')).output)
      : undefined;
    if (loggedIn === false) {
      return { state: 'loggedOut', ...found, loggedIn, problem: notLoggedIn() };
    }
    return { state: 'ready', ...found, ...(loggedIn === undefined ? {} : { loggedIn }) };
  } catch (error) {
    return { state: 'broken', path, keyNames, problem: notStarted(messageOf(error)) };
  }
}

/** The answer may stand among warnings. */
function readLogin(output: string): boolean | undefined {
  const json = parseJson(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
  const loggedIn = isRecord(json) ? json['loggedIn'] : undefined;
  return typeof loggedIn === 'boolean' ? loggedIn : undefined;
}

/** A place that exists and that no repository has written to. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
