import * as z from 'zod';
import { defineTool, type Tool } from './tool.ts';

const marks = { pending: '☐', in_progress: '▶', completed: '☑' } as const;

/** The plan of a longer task, which the person sees as it is worked through. */
export function todoTool(): Tool {
  return defineTool({
    name: 'todo',
    description: [
      'Shows the user your plan for a task of several steps, and how far you are. Give the whole list each time.',
      'Keep exactly one item in progress while you work, and mark items completed at once. Not for tasks of one step.',
    ].join(' '),
    input: z.object({
      items: z
        .array(z.object({ text: z.string().min(1), status: z.enum(['pending', 'in_progress', 'completed']) }))
        .min(1)
        .max(50),
    }),
    wants: () => ({ access: 'internal', paths: [] }),
    run: ({ items }) => {
      const done = items.filter(({ status }) => status === 'completed').length;
      const lines = items.map(({ text, status }) => `${marks[status]} ${text}`);
      return Promise.resolve({
        text: [`${done} of ${items.length} done`, ...lines].join('\n'),
        isError: false,
        shown: true,
      });
    },
  });
}
