import type { RuntimeKind } from '../../core/runtime.ts';
import type { NativeSessions } from './nativeSessions.ts';
import type { ClaudeCodeServices } from './services.ts';
import type { StartGate } from './startGate.ts';

/** Files and folders by which a repository gives the CLI orders that are not words: what they hold can run commands. */
const repositoryFiles: readonly string[] = [
  '.mcp.json',
  '.claude/settings.json',
  '.claude/settings.local.json',
  '.claude/hooks',
  '.claude/skills',
  '.claude/commands',
  '.claude/agents',
  '.claude/plugins',
];

/** Registers the Claude Code CLI. What drives it is loaded with the first run. */
export function claudeCodeKind(services: ClaudeCodeServices): RuntimeKind {
  let nativeSessions: NativeSessions | undefined;
  let startGate: StartGate | undefined;
  return {
    id: 'claude-code',
    displayName: 'Claude Code',
    capabilities: {
      interrupt: true,
      resume: true,
      consecutiveTurns: true,
      needsTrust: true,
      suggestedModels: ['opus', 'sonnet', 'haiku'],
    },
    repositoryFiles,
    settingsSection: 'claudeCode',
    homepage: 'https://code.claude.com/docs/en/setup',
    terminal: {
      login: 'claude auth login',
      update: 'claude update',
      async resume(nativeSessionId, context) {
        const { resumeInTerminal } = await import('./resumeInTerminal.ts');
        return resumeInTerminal(services, nativeSessionId, context);
      },
    },
    conversations(env) {
      const source = async () => new (await import('./conversations.ts')).ClaudeConversations(services, env);
      return {
        list: async (cwd) => (await source()).list(cwd),
        read: async (cwd, nativeSessionId) => (await source()).read(cwd, nativeSessionId),
      };
    },
    async probe(context) {
      const { probeClaudeCode } = await import('./probe.ts');
      return probeClaudeCode(services, context);
    },
    async create() {
      const [runtime, native, gate] = await Promise.all([
        import('./claudeCodeRuntime.ts'),
        import('./nativeSessions.ts'),
        import('./startGate.ts'),
      ]);
      nativeSessions ??= new native.NativeSessions(services.clock);
      startGate ??= new gate.StartGate(services.clock);
      return new runtime.ClaudeCodeRuntime(services, nativeSessions, startGate);
    },
  };
}
