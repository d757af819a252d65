import type { ApprovalMode } from '../../core/runtime.ts';
import type { Isolation } from './projectIsolation.ts';

export interface ArgumentFacts {
  /** From the setting. */
  readonly args: readonly string[];
  readonly model: string | undefined;
  readonly mode: ApprovalMode;
  /** One of the CLI's own names, or `inherit`. */
  readonly permissionMode: string;
  readonly nativeSessionId: string | undefined;
  /** How the repository is kept from acting; undefined: its own settings are loaded. */
  readonly isolation: Isolation | undefined;
}

/** Options that would take a decision away from the approvals, or the conversation away from us; with how many values they take. */
const refusedOptions: ReadonlyMap<string, 0 | 1> = new Map<string, 0 | 1>([
  ['--dangerously-skip-permissions', 0],
  ['--allow-dangerously-skip-permissions', 0],
  ['--continue', 0],
  ['-c', 0],
  ['--fork-session', 0],
  ['--bg', 0],
  ['--background', 0],
  ['--replay-user-messages', 0],
  ['--resume', 1],
  ['-r', 1],
  ['--session-id', 1],
  ['--permission-prompt-tool', 1],
  ['--permission-prompts', 1],
]);

/** Commands in the text of a skill run before any tool is asked for, so that nobody could decide on them. */
const ownSettings = JSON.stringify({ disableSkillShellExecution: true });

/** The command line: `-p`, what is configured, then ours, which wins. A prompt is never part of it. */
export function buildArgs(facts: ArgumentFacts): readonly string[] {
  const ours = [
    '--input-format',
    'stream-json',
    '--output-format',
    'stream-json',
    '--verbose',
    '--include-partial-messages',
    '--permission-prompt-tool',
    'stdio',
    '--permission-mode',
    permissionModeOf(facts.mode, facts.permissionMode),
  ];
  if (facts.model !== undefined && facts.model !== '') {
    ours.push('--model', facts.model);
  }
  if (facts.nativeSessionId !== undefined) {
    ours.push('--resume', facts.nativeSessionId);
  }
  if (!facts.args.some((arg) => arg === '--settings' || arg.startsWith('--settings='))) {
    ours.push('--settings', ownSettings);
  }
  if (facts.isolation !== undefined) {
    ours.push('--setting-sources', 'user', '--strict-mcp-config');
    for (const folder of facts.isolation.folders) {
      ours.push('--add-dir', folder);
    }
    if (facts.isolation.mcpConfigFile !== undefined) {
      ours.push('--mcp-config', facts.isolation.mcpConfigFile);
    }
  }
  return ['-p', ...allowedArgs(facts.args), ...ours];
}

/**
 * The CLI's name for a mode. Plan mode outranks what is configured, and bypassing the approvals is never asked for: in the
 * mode Auto it is ours to allow, call by call.
 */
export function permissionModeOf(mode: ApprovalMode, configured: string): string {
  if (mode === 'plan') {
    return 'plan';
  }
  if (!['inherit', ''].includes(configured) && !/bypass|skip/i.test(configured)) {
    return configured;
  }
  return mode === 'acceptEdits' ? 'acceptEdits' : 'default';
}

function allowedArgs(args: readonly string[]): readonly string[] {
  const allowed: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    const [name = ''] = arg.split('=', 1);
    const values = refusedOptions.get(name);
    if (arg === '--') {
      return allowed;
    }
    if (values === undefined) {
      allowed.push(arg);
    } else if (values === 1 && !arg.includes('=') && args[at + 1]?.startsWith('-') === false) {
      at++;
    }
  }
  return allowed;
}
