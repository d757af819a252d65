import * as z from 'zod';
import type { JsonRecord } from '../../base/json.ts';
import type { ApprovalGate, ApprovalMode } from '../../core/runtime.ts';
import type { ToolSpec } from './modelVendor.ts';
import { untilAborted } from './cancellable.ts';
import { TurnStopped } from './turnStopped.ts';

/** A tool that is a talk with the person, so that there is nothing to approve. */
export interface TalkTool {
  readonly spec: ToolSpec;
  /** What the model is answered. Rejects with `TurnStopped` when the person's answer will not come. */
  talk(toolCallId: string, input: unknown, gate: ApprovalGate, signal: AbortSignal): Promise<TalkOutcome>;
}

export interface TalkOutcome {
  readonly text: string;
  readonly isError: boolean;
  /** The mode in which the work goes on, where the person has changed it. */
  readonly mode?: ApprovalMode;
}

const questions = z.object({
  questions: z
    .array(
      z.object({
        question: z.string().min(1).describe('The whole question, ending in a question mark.'),
        header: z.string().max(30).optional().describe('One or two words that name the subject.'),
        multiSelect: z.boolean().default(false).describe('Whether several options may be chosen.'),
        options: z
          .array(z.object({ label: z.string().min(1), description: z.string().optional() }))
          .max(6)
          .default([])
          .describe('Answers to choose from. The user can always write another one.'),
      }),
    )
    .min(1)
    .max(4),
});

const plan = z.object({ plan: z.string().min(1).describe('The plan, in Markdown.') });

export const talkTools: readonly TalkTool[] = [
  {
    spec: specOf(
      'ask_user',
      'Asks the user questions and waits for the answers. Use it when the task is ambiguous and the answer changes what you ' +
        'do; do not ask what you can find out yourself.',
      questions,
    ),
    async talk(toolCallId, input, gate, signal) {
      const parsed = questions.safeParse(input);
      if (!parsed.success) {
        return unfit('ask_user', parsed.error);
      }
      const asked = parsed.data.questions.map(({ header, options, ...rest }) => ({
        ...rest,
        ...(header === undefined ? {} : { header }),
        options: options.map(({ label, description }) => ({
          label,
          ...(description === undefined ? {} : { description }),
        })),
      }));
      const answers = await untilStopped(gate.askQuestions(toolCallId, asked, signal), signal);
      if (answers === undefined) {
        return { text: 'The user did not answer. Go on as you think best, or say what you need.', isError: true };
      }
      const lines = Object.entries(answers).map(
        ([question, answer]) => `${question} ${typeof answer === 'string' ? answer : answer.join(', ')}`,
      );
      return { text: lines.join('\n'), isError: false };
    },
  },
  {
    spec: specOf(
      'present_plan',
      'In plan mode: shows the user your finished plan and asks for leave to carry it out. Not for questions about the plan.',
      plan,
    ),
    async talk(toolCallId, input, gate, signal) {
      const parsed = plan.safeParse(input);
      if (!parsed.success) {
        return unfit('present_plan', parsed.error);
      }
      const answer = await untilStopped(gate.approvePlan(toolCallId, parsed.data.plan, signal), signal);
      switch (answer.kind) {
        case 'allow':
          return {
            text: 'The user approved the plan. Plan mode is over: carry the plan out.',
            isError: false,
            mode: answer.mode,
          };
        case 'deny':
          return { text: answer.message, isError: true };
        case 'withdrawn':
          throw new TurnStopped();
      }
    },
  },
];

function specOf(name: string, description: string, schema: z.ZodType): ToolSpec {
  return { name, description, inputSchema: z.toJSONSchema(schema, { io: 'input' }) as JsonRecord };
}

function unfit(name: string, error: z.ZodError): TalkOutcome {
  return { text: `The arguments of ${name} do not fit: ${z.prettifyError(error)}`, isError: true };
}

async function untilStopped<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    const answer = await untilAborted(asked, signal);
    // What was taken back because the turn is being stopped is no answer.
    signal.throwIfAborted();
    return answer;
  } catch (error) {
    if (signal.aborted) {
      throw new TurnStopped();
    }
    throw error;
  }
}
