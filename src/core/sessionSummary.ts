import { asNumber, asString, isRecord } from '../base/json.ts';
import type { LoadedSession, SessionSummary } from './ports.ts';
import { summaryOfModel } from './sessionInfo.ts';
import { reduceAll } from './sessionReducer.ts';

/** The summary if `value` is one; what was read from a file is checked. */
export function parseSummary(value: unknown): SessionSummary | undefined {
  if (!isRecord(value)) {
    return undefined;
  }
  const id = asString(value['id']);
  const runtime = asString(value['runtime']);
  const cwd = asString(value['cwd']);
  const createdAt = asNumber(value['createdAt']);
  const updatedAt = asNumber(value['updatedAt']);
  const name = asString(value['name']);
  const state = asString(value['state']);
  const messageCount = asNumber(value['messageCount']);
  if (
    id === undefined ||
    runtime === undefined ||
    cwd === undefined ||
    createdAt === undefined ||
    updatedAt === undefined ||
    name === undefined ||
    state === undefined ||
    messageCount === undefined
  ) {
    return undefined;
  }
  const model = asString(value['model']);
  const costUsd = asNumber(value['costUsd']);
  const nativeSessionId = asString(value['nativeSessionId']);
  const reason = asString(value['reason']);
  const reasonCode = asString(value['reasonCode']);
  const rateLimitedUntil = asNumber(value['rateLimitedUntil']);
  const waiting = asNumber(value['waiting']);
  return {
    id,
    runtime,
    cwd,
    createdAt,
    updatedAt,
    name,
    state,
    messageCount,
    ...(model === undefined ? {} : { model }),
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(nativeSessionId === undefined ? {} : { nativeSessionId }),
    ...(reason === undefined ? {} : { reason }),
    ...(reasonCode === undefined ? {} : { reasonCode }),
    ...(rateLimitedUntil === undefined ? {} : { rateLimitedUntil }),
    ...(waiting === undefined ? {} : { waiting }),
  };
}

/** What the list shows of a session, from its events: for a session whose last words were not summed up. */
export function summarize(session: LoadedSession): SessionSummary {
  const { identity } = session;
  return summaryOfModel(reduceAll(identity, identity.runtime, session.events));
}
