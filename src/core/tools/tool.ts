import * as z from 'zod';
import type { JsonRecord } from '../../base/json.ts';
import type { EditResult, ToolImage } from '../sessionEvents.ts';
import type { ToolRequest } from '../toolRequest.ts';

/** Where a call happens, and how it is stopped. */
export interface ToolContext {
  readonly sessionId: string;
  readonly toolCallId: string;
  /** The session's directory, absolute. */
  readonly cwd: string;
  /** Aborts with the turn. */
  readonly signal: AbortSignal;
  /** Tells whoever waits that the call still works; `text` is everything that it said so far. */
  readonly progress: (text: string) => void;
}

/** What the model is answered. A tool never throws: what went wrong is an answer too. */
export interface ToolOutcome {
  readonly text: string;
  readonly isError: boolean;
  /** With their bytes. */
  readonly images?: readonly ToolImage[];
  /** What a person is shown of a change to a file. */
  readonly edit?: EditResult;
  /** The text is meant for the person too: it is seen without opening the call. */
  readonly shown?: true;
}

/** A call whose arguments fit. */
export interface ToolCall {
  /** What approvals decide on. */
  readonly wants: Pick<ToolRequest, 'access' | 'paths' | 'command' | 'shell' | 'url' | 'change'>;
  run(context: ToolContext): Promise<ToolOutcome>;
}

/** Something that Greenroom does for a model, whichever runtime the model is in. */
export interface Tool {
  readonly name: string;
  /** For the model: in English, whatever the person's language is. */
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: JsonRecord;
  /** Its calls change nothing, so that they may run side by side. */
  readonly isReadOnly?: boolean;
  /** The call, or a sentence for the model about the arguments that do not fit. */
  prepare(input: unknown): ToolCall | { readonly problem: string };
}

export interface ToolDefinition<Input> {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly isReadOnly?: boolean;
  readonly wants: (input: Input) => ToolCall['wants'];
  readonly run: (input: Input, context: ToolContext) => Promise<ToolOutcome>;
}

/** Makes a tool of a definition with typed arguments. */
export function defineTool<Input>({
  name,
  description,
  input,
  isReadOnly = false,
  wants,
  run,
}: ToolDefinition<Input>): Tool {
  return {
    name,
    description,
    inputSchema: z.toJSONSchema(input, { io: 'input' }) as JsonRecord,
    isReadOnly,
    prepare: (value) => {
      const parsed = input.safeParse(value);
      return parsed.success
        ? { wants: wants(parsed.data), run: (context) => run(parsed.data, context) }
        : { problem: `The arguments of ${name} do not fit: ${z.prettifyError(parsed.error)}` };
    },
  };
}
