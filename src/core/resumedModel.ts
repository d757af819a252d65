import type { ModelState } from './modelState.ts';
import type { SessionIdentity } from './ports.ts';
import { createSessionModel, type SessionModel } from './sessionReducer.ts';

/** A model that has come as far as `state` says, with none of the messages until then. */
export function resumeModel(identity: SessionIdentity, runtimeName: string, state: ModelState): SessionModel {
  const model = createSessionModel(identity, runtimeName);
  const { runtime } = identity;
  model.view.header = { ...state.header, runtime, runtimeName };
  model.view.total = state.total;
  model.view.from = state.total;
  model.lastSeq = state.lastSeq;
  model.lastAt = state.lastAt;
  model.lastRun = state.lastRun;
  model.turn = state.turn === undefined ? undefined : { ...state.turn, diagnostic: state.turn.diagnostic };
  model.nativeSessionId = state.nativeSessionId;
  model.namedBy = state.namedBy;
  model.reasonCode = state.reasonCode;
  model.rateLimitedUntil = state.rateLimitedUntil;
  model.rateLimitStatus = state.rateLimitStatus;
  model.lastUserMessage = state.lastUserMessage;
  model.usage = state.usage;
  model.chosenModel = state.chosenModel;
  for (const grant of state.grants) {
    model.grants.add(grant);
  }
  for (const [id, { grantKey, toolCallId, inputText }] of state.openApprovals) {
    model.openApprovals.set(id, { grantKey, toolCallId, ...(inputText === undefined ? {} : { inputText }) });
  }
  return model;
}
