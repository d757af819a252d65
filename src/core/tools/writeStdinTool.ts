import { z } from 'zod';
import { messageOf } from '../../base/errors.ts';
import type { ShellToolDeps } from './shellToolDeps.ts';
import { defineTool, type Tool, type ToolOutcome } from './tool.ts';

const maxCharacters = 65_536;

const input = z.object({
  id: z.string().describe('The id that bash answered with.'),
  text: z
    .string()
    .min(1)
    .max(maxCharacters)
    .describe(String.raw`What is typed, with "\n" for Enter and control characters as they are: "\u0003" is Ctrl+C.`),
});

export function writeStdinTool({ registry }: ShellToolDeps): Tool {
  return defineTool<z.infer<typeof input>>({
    name: 'write_stdin',
    description:
      'Types text into the terminal of a background shell that was started with `tty: true`. Read with `bash_output` what it makes of it.',
    input,
    // What is typed into a shell can be any command.
    wants: ({ text }) => ({ access: 'execute', paths: [], command: text, shell: 'input' }),
    run: async ({ id, text }, { sessionId }) => {
      const shell = registry.get(id, sessionId);
      if (shell === undefined) {
        return failed(`no background shell with id "${id}" (it may have been evicted)`);
      }
      if (!shell.options.tty) {
        return failed(`background shell ${id} has no terminal: start it with tty: true to write to it`);
      }
      if (!shell.isActive) {
        return failed(`no running background shell with id "${id}" (already exited or unknown)`);
      }
      try {
        await shell.write(text);
      } catch (error) {
        return failed(messageOf(error));
      }
      return { text: `wrote ${text.length} characters to background shell ${id}`, isError: false };
    },
  });
}

function failed(text: string): ToolOutcome {
  return { text, isError: true };
}
