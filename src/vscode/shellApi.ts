import * as vscode from 'vscode';
import { coreErrors } from '../core/errors.ts';
import type { Shell } from '../core/shells/shell.ts';
import { shellErrors } from '../core/shells/shellErrors.ts';
import type { LazyShells } from '../core/shells/lazyShells.ts';
import type { GreenroomApi, SessionInfo } from './greenroomApi.ts';

/** What other extensions can do with shells. */
export function shellApi(
  shells: LazyShells,
  sessionOf: (sessionId: string) => SessionInfo,
): Pick<GreenroomApi, 'shells' | 'startShell' | 'readShell' | 'killShell'> {
  const find = (shellId: string): Shell => {
    const shell = shells.get(shellId);
    if (shell === undefined) {
      throw shellErrors.unknownShell(shellId);
    }
    return shell;
  };
  return {
    shells: () => shells.list(),
    async startShell(sessionId, command, options = {}) {
      const { cwd } = sessionOf(sessionId);
      if (!vscode.workspace.isTrusted) {
        throw coreErrors.untrustedWorkspace();
      }
      const { timeoutSeconds } = options;
      const started = (await shells.open()).start({
        sessionId,
        command,
        cwd: options.cwd ?? cwd,
        tty: options.tty === true,
        ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      });
      if (!('shell' in started)) {
        throw shellErrors.refused(started);
      }
      await started.launched;
      return started.shell.info;
    },
    async readShell(shellId, offset = 0) {
      const { readLog } = await import('../core/shells/readLog.ts');
      const { text, nextOffset, dropped } = await readLog(find(shellId), offset);
      return { text, nextOffset, dropped };
    },
    async killShell(shellId) {
      const shell = find(shellId);
      const outcome = await shell.kill();
      if (outcome.kind === 'survived') {
        throw shellErrors.survived(shell.id, outcome.pids);
      }
      return outcome.kind === 'ended' && outcome.status.kind !== 'exited';
    },
  };
}
