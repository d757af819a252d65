import type { RuntimeKind } from '../../core/runtime.ts';
import { ClaudeCodeRuntime } from './claudeCodeRuntime.ts';
import { NativeSessions } from './nativeSessions.ts';
import { repositoryFiles } from './projectIsolation.ts';
import type { ClaudeCodeServices } from './services.ts';

/** Registers the Claude Code CLI. */
export function claudeCodeKind(services: ClaudeCodeServices): RuntimeKind {
  const nativeSessions = new NativeSessions(services.clock);
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
    homepage: 'https://code.claude.com/docs/en/setup',
    terminal: { login: 'claude auth login', update: 'claude update' },
    create: () => Promise.resolve(new ClaudeCodeRuntime(services, nativeSessions)),
  };
}
