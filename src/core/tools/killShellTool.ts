import { z } from 'zod';
import type { ShellToolDeps } from './shellToolDeps.ts';
import { defineTool, type Tool } from './tool.ts';

const input = z.object({ id: z.string().describe('The id that bash answered with.') });

export function killShellTool({ registry }: ShellToolDeps): Tool {
  return defineTool<z.infer<typeof input>>({
    name: 'kill_shell',
    description:
      'Kills a background shell: the whole process group, and everything else that it has started. A no-op once the shell has exited.',
    input,
    wants: () => ({ access: 'internal', paths: [] }),
    run: async ({ id }, { sessionId }) => {
      const shell = registry.get(id, sessionId);
      const outcome = await shell?.kill();
      if (outcome?.kind === 'survived') {
        return {
          text: `could not end all processes of background shell ${id}: ${outcome.pids.join(', ')}`,
          isError: true,
        };
      }
      if (shell === undefined || outcome?.kind !== 'ended' || outcome.status.kind === 'exited') {
        return { text: `no running background shell with id "${id}" (already exited or unknown)`, isError: false };
      }
      shell.hasToldEnd = true;
      return { text: `killed background shell ${id}`, isError: false };
    },
  });
}
