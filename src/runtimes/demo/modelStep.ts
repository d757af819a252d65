import type { ErrorInfo } from '../../base/errors.ts';
import type { Question } from '../../core/runtime.ts';

/** A tool call of the scripted model; files are named without a folder. */
export type DemoCall =
  | { readonly tool: 'Read'; readonly file: string }
  | { readonly tool: 'Edit'; readonly file: string; readonly oldText: string; readonly newText: string }
  | { readonly tool: 'Bash'; readonly command: string; readonly description: string }
  | { readonly tool: 'AskUserQuestion'; readonly questions: readonly Question[] }
  | { readonly tool: 'ExitPlanMode'; readonly plan: string };

/** What the model is told about a call. */
export interface CallResult {
  readonly outcome: 'completed' | 'failed' | 'refused';
  /** Set where it was refused: by the person's answer, or by a rule without asking. */
  readonly refusedBy?: 'person' | 'rule';
  readonly output: string;
  /** The answers to questions, by question. */
  readonly answers?: Readonly<Record<string, string | readonly string[]>>;
}

/** One call of the scripted model: what it thinks, says and calls, in this order. All calls of a step run side by side. */
export interface ModelStep {
  /** How often the service pretends to be overloaded before it answers. */
  readonly retries?: number;
  readonly reasoning?: string;
  readonly text?: string;
  readonly pace?: 'fast';
  readonly calls?: readonly DemoCall[];
  /** The service fails: the turn ends in this error. */
  readonly failure?: ErrorInfo;
}

/** A scripted conversation turn: gives steps, takes the results of their calls. Pure: no clock, no files. */
export type Scenario<Result = void> = Generator<ModelStep, Result, readonly CallResult[]>;

/** The language of command lines. */
export type Shell = 'posix' | 'cmd';

/** One step with one call; gives its result. */
export function* callOne(step: Omit<ModelStep, 'calls'>, call: DemoCall): Scenario<CallResult> {
  const [result] = yield { ...step, calls: [call] };
  return result ?? { outcome: 'failed', output: '' };
}
