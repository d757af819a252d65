import { asNumber, asString, isRecord, type JsonRecord } from '../base/json.ts';
import type { Header } from '../protocol/view.ts';
import type { ModelState, OpenTurn } from './modelState.ts';

const modes: ReadonlySet<unknown> = new Set(['plan', 'ask'] satisfies Header['mode'][]);
const states: ReadonlySet<unknown> = new Set([
  'idle',
  'pending',
  'running',
  'done',
  'cancelled',
  'error',
] satisfies Header['state'][]);
const origins: ReadonlySet<unknown> = new Set(['user', 'runtime', 'gate'] satisfies OpenTurn['origin'][]);

/** The state if `value` has the form of one; what was read from a file is checked. */
export function parseModelState(value: unknown): ModelState | undefined {
  return isRecord(value) &&
    [value['lastSeq'], value['lastRun'], value['total']].every(isCount) &&
    asNumber(value['lastAt']) !== undefined &&
    isHeader(value['header']) &&
    isOptional(value['turn'], isTurn) &&
    ['nativeSessionId', 'namedBy', 'reasonCode', 'rateLimitStatus', 'chosenModel'].every((key) =>
      isOptional(value[key], isString),
    ) &&
    isOptional(value['rateLimitedUntil'], isNumber) &&
    isListOf(value['grants'], isString) &&
    isListOf(value['openApprovals'], isApprovalEntry) &&
    isOptional(value['lastUserMessage'], isTextRecord) &&
    isOptional(value['usage'], isRecord)
    ? (value as unknown as ModelState)
    : undefined;
}

function isHeader(value: unknown): boolean {
  return (
    isRecord(value) &&
    isString(value['name']) &&
    isString(value['status']) &&
    modes.has(value['mode']) &&
    states.has(value['state']) &&
    isOptional(value['model'], isString) &&
    isOptional(value['reason'], isString) &&
    isOptional(value['usage'], isRecord) &&
    isListOf(value['queued'], (item) => isTextRecord(item) && hasId(item)) &&
    isListOf(value['pending'], (item) => isRecord(item) && hasId(item) && isString(item['kind'])) &&
    isOptional(value['backgroundTasks'], (tasks) => isListOf(tasks, isRecord)) &&
    isListOf(value['commands'], isString)
  );
}

function isTurn(value: unknown): boolean {
  return (
    isRecord(value) &&
    origins.has(value['origin']) &&
    isNumber(value['startedAt']) &&
    asNumber(value['run']) !== undefined
  );
}

function isApprovalEntry(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isString(value[0]) && isRecord(value[1]);
}

function isTextRecord(value: unknown): value is JsonRecord {
  return isRecord(value) && isString(value['text']) && isOptional(value['spilled'], isRecord);
}

function hasId(value: JsonRecord): boolean {
  return isString(value['id']);
}

function isOptional(value: unknown, isGood: (value: unknown) => boolean): boolean {
  return value === undefined || isGood(value);
}

function isListOf(value: unknown, isGood: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isGood);
}

function isString(value: unknown): boolean {
  return asString(value) !== undefined;
}

function isNumber(value: unknown): boolean {
  return asNumber(value) !== undefined;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
