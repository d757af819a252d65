import type { Header } from '../protocol/view.ts';
import type { LoggedHeader, ModelState } from './modelState.ts';
import type { SessionModel } from './sessionReducer.ts';

/** What the log does not say of a header. */
const hostFields = ['runtime', 'runtimeName', 'silentSince', 'readOnly', 'readOnlyAction'] as const;

/** What there is nothing of in a model without messages, and what is kept in another form. */
type LeftOut = 'identity' | 'view' | 'openMessage' | 'parts' | 'openCalls';

/** What `resumeModel` needs to go on from here. Only where `isQuiet(model)`; shares what it holds with the model. */
export function stateOf(model: SessionModel): ModelState {
  const header: Partial<Header> & LoggedHeader = { ...model.view.header };
  for (const key of hostFields) {
    delete header[key];
  }
  return {
    lastSeq: model.lastSeq,
    lastAt: model.lastAt,
    lastRun: model.lastRun,
    total: model.view.total,
    header,
    turn: model.turn,
    nativeSessionId: model.nativeSessionId,
    namedBy: model.namedBy,
    reasonCode: model.reasonCode,
    rateLimitedUntil: model.rateLimitedUntil,
    rateLimitStatus: model.rateLimitStatus,
    grants: [...model.grants],
    openApprovals: [...model.openApprovals],
    lastUserMessage: model.lastUserMessage,
    usage: model.usage,
    chosenModel: model.chosenModel,
  } satisfies Record<Exclude<keyof SessionModel, LeftOut>, unknown> & ModelState;
}
