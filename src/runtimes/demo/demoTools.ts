import { GreenroomError, messageOf } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import { resolvePath } from '../../core/paths.ts';
import { applyChange, hunksBetween } from '../../core/proposedEdit.ts';
import type { FileChange, ToolRequest } from '../../core/runtime.ts';
import type { EditResult } from '../../core/sessionEvents.ts';
import type { CommandEnd, DemoWorkshop } from './demoWorkshop.ts';
import type { DemoCall } from './modelStep.ts';

/** A call that a rule decides about, not a talk with the person. */
export type WorkCall = Extract<DemoCall, { tool: 'Read' | 'Edit' | 'Bash' }>;

export interface ToolOutcome {
  readonly outcome: 'completed' | 'failed' | 'cancelled';
  readonly output: string;
  readonly edit?: EditResult;
}

/** The arguments as a model would write them. */
export function inputOf(call: DemoCall, folder: string): Readonly<Record<string, unknown>> {
  switch (call.tool) {
    case 'Read':
      return { file_path: resolvePath(folder, call.file) };
    case 'Edit':
      return { file_path: resolvePath(folder, call.file), old_string: call.oldText, new_string: call.newText };
    case 'Bash':
      return { command: call.command, description: call.description };
    case 'AskUserQuestion':
      return { questions: call.questions };
    case 'ExitPlanMode':
      return { plan: call.plan };
  }
}

/** What the call is about, in one line. */
export function titleOf(call: DemoCall, folder: string): string {
  switch (call.tool) {
    case 'Read':
    case 'Edit':
      return resolvePath(folder, call.file);
    case 'Bash':
      return call.command;
    case 'AskUserQuestion':
      return call.questions[0]?.question ?? '';
    case 'ExitPlanMode':
      return '';
  }
}

export function requestOf(call: WorkCall, toolCallId: string, folder: string): ToolRequest {
  const common = { toolCallId, toolName: call.tool, input: inputOf(call, folder) };
  switch (call.tool) {
    case 'Read':
      return { ...common, access: 'read', paths: [resolvePath(folder, call.file)] };
    case 'Edit':
      return { ...common, access: 'edit', paths: [resolvePath(folder, call.file)], change: changeOf(call, folder) };
    case 'Bash':
      return { ...common, access: 'execute', paths: [], command: call.command };
  }
}

/** Does what was allowed. Never rejects: what fails is the call's result. */
export async function execute(
  call: WorkCall,
  workshop: DemoWorkshop,
  onOutput: (text: string) => void,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  try {
    switch (call.tool) {
      case 'Read':
        return await read(call, workshop);
      case 'Edit':
        return await edit(call, workshop);
      case 'Bash':
        return commandOutcome(await workshop.run(call.command, onOutput, signal), signal);
    }
  } catch (error) {
    if (signal.aborted) {
      return { outcome: 'cancelled', output: '' };
    }
    if (error instanceof GreenroomError) {
      return { outcome: 'failed', output: error.message };
    }
    return { outcome: 'failed', output: t('The tool itself failed: {0}', messageOf(error)) };
  }
}

async function read(call: Extract<WorkCall, { tool: 'Read' }>, workshop: DemoWorkshop): Promise<ToolOutcome> {
  const text = await workshop.read(call.file);
  return text === undefined
    ? { outcome: 'failed', output: t('There is no file {0}.', resolvePath(workshop.folder, call.file)) }
    : { outcome: 'completed', output: text };
}

async function edit(call: Extract<WorkCall, { tool: 'Edit' }>, workshop: DemoWorkshop): Promise<ToolOutcome> {
  const changed = await workshop.change(call.file, (before) => applyChange(before, changeOf(call, workshop.folder)));
  const path = resolvePath(workshop.folder, call.file);
  if (changed === undefined) {
    return { outcome: 'failed', output: t('{0} no longer has the text that was to be replaced.', path) };
  }
  const { before, after } = changed;
  return {
    outcome: 'completed',
    output: t('{0} was changed.', path),
    edit: { path, before, hunks: hunksBetween(before, after) ?? [] },
  };
}

function changeOf(call: Extract<WorkCall, { tool: 'Edit' }>, folder: string): FileChange {
  const path = resolvePath(folder, call.file);
  return { path, replacements: [{ oldText: call.oldText, newText: call.newText, all: false }] };
}

function commandOutcome(end: CommandEnd, signal: AbortSignal): ToolOutcome {
  const notes = [
    end.droppedBytes > 0 ? t('({0} more bytes of output were dropped.)', end.droppedBytes) : undefined,
    end.timeLimitSeconds === undefined
      ? undefined
      : t('(It was ended because it took longer than {0} seconds.)', end.timeLimitSeconds),
    end.code !== 0 && !signal.aborted ? t('(Exit code {0})', end.code) : undefined,
  ].filter((note) => note !== undefined);
  const output = [end.output.trimEnd(), ...notes].filter((part) => part !== '').join('\n');
  return { outcome: signal.aborted ? 'cancelled' : end.code === 0 ? 'completed' : 'failed', output };
}
