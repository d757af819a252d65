import { t } from '../base/l10n.ts';
import type { ApprovalGate } from './runtime.ts';

/**
 * A session's gate as one of its runs sees it. Once the run is over, what it asked is withdrawn, and what it still asks
 * reaches nobody: its process may speak until it is gone.
 */
export function runGate(gate: ApprovalGate, over: AbortSignal): ApprovalGate {
  const whileItRuns = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, over]);
  return {
    judge: (request) =>
      over.aborted ? Promise.resolve({ kind: 'deny', reason: t('The run is over.') }) : gate.judge(request),
    ask: (request, reason, signal) => gate.ask(request, reason, whileItRuns(signal)),
    askQuestions: (toolCallId, questions, signal) => gate.askQuestions(toolCallId, questions, whileItRuns(signal)),
    approvePlan: (toolCallId, plan, signal) => gate.approvePlan(toolCallId, plan, whileItRuns(signal)),
  };
}
