import { z } from 'zod';
import { Deferred } from '../../src/base/async.ts';
import { defineTool, type Tool, type ToolContext } from '../../src/core/tools/tool.ts';

const input = z.object({ command: z.string() });

/** Runs no command: answers what it was to run. Named and judged as the shell tool is. */
export function fakeBash(ran: string[] = []): Tool {
  return defineTool({
    name: 'bash',
    description: 'Runs a command.',
    input: input.extend({ background: z.boolean().optional() }),
    wants: ({ command }) => ({ access: 'execute', paths: [], command }),
    run({ command }) {
      ran.push(command);
      return Promise.resolve({ text: `ran ${command}`, isError: false });
    },
  });
}

/** A call of `SlowTool` that has begun. */
export interface SlowCall {
  readonly command: string;
  readonly context: ToolContext;
  /** Lets the call answer. */
  readonly answer: (text: string) => void;
}

/** A tool whose calls wait until the test answers them. */
export class SlowTool {
  readonly calls: SlowCall[] = [];
  readonly tool: Tool;
  #begun = new Deferred<void>();

  /** `deaf`: goes on after it was aborted. */
  constructor(name = 'slow', { isReadOnly = false, deaf = false } = {}) {
    this.tool = defineTool({
      name,
      description: 'Takes its time.',
      input,
      isReadOnly,
      wants: ({ command }) => ({ access: isReadOnly ? 'internal' : 'execute', paths: [], command }),
      run: ({ command }, context) => {
        const outcome = new Deferred<{ readonly text: string; readonly isError: boolean }>();
        if (!deaf) {
          context.signal.addEventListener('abort', () => outcome.resolve({ text: 'stopped', isError: true }));
        }
        this.calls.push({ command, context, answer: (text) => outcome.resolve({ text, isError: false }) });
        this.#begun.resolve();
        this.#begun = new Deferred();
        return outcome.promise;
      },
    });
  }

  /** The n-th call, once it has begun. */
  async begun(count = 1): Promise<SlowCall> {
    for (;;) {
      const call = this.calls[count - 1];
      if (call !== undefined) {
        return call;
      }
      await this.#begun.promise;
    }
  }
}

export function failingTool(): Tool {
  return defineTool({
    name: 'broken',
    description: 'Fails.',
    input: z.object({}),
    wants: () => ({ access: 'internal', paths: [] }),
    run: () => Promise.reject(new Error('the disk is on fire')),
  });
}
