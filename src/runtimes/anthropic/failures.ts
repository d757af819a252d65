import { asRecord, asString, type JsonRecord, parseJson } from '../../base/json.ts';
import { parseIsoTime } from '../../base/isoTime.ts';
import { t } from '../../base/l10n.ts';
import type { ModelFailure } from '../shared/modelVendor.ts';
import {
  accountUnpaid,
  keyRefused,
  modelNotFound,
  networkUnreachable,
  notTheService,
  overloaded,
  promptTooLong,
  rateLimited,
  requestRefused,
  streamBroke,
} from '../shared/serviceErrors.ts';

export const serviceName = 'Anthropic';
export const runtimeId = 'anthropic';
export const addressSetting = 'greenroom.runtimes.anthropic.baseUrl';

/** A network that is away stays away for longer than a service that is busy. */
const maxNetworkRetries = 4;
const longestDetails = 4_000;

/** What a response says that is no answer. */
export interface FailedResponse {
  readonly status: number;
  /** The body: JSON if the service itself answered. */
  readonly text: string;
  readonly header: (name: string) => string | undefined;
}

export interface FailureFacts {
  readonly model: string;
  readonly baseUrl: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Takes secrets out of what is shown. */
  readonly redact: (text: string) => string;
}

export function failureOfResponse({ status, text, header }: FailedResponse, facts: FailureFacts): ModelFailure {
  const error = asRecord(asRecord(parseJson(text))['error']);
  const type = asString(error['type']) ?? '';
  const message = asString(error['message']) ?? text;
  const details = facts.redact(bounded(`${status} ${[type, message].filter((part) => part !== '').join(': ')}`));
  if (isOfAnother(status, type, text)) {
    return { error: notTheService(serviceName, addressSetting, facts.baseUrl, details) };
  }
  const code = asString(asRecord(error['details'])['error_code']) ?? '';
  if (status === 402 || type === 'billing_error' || /spend_limit|credit balance/i.test(`${code} ${message}`)) {
    return { error: accountUnpaid(serviceName, details) };
  }
  if (isTooLong(status, message)) {
    return { error: promptTooLong(details), isTooLong: true };
  }
  if (status === 401 || status === 403) {
    return { error: keyRefused(serviceName, runtimeId, details) };
  }
  if (status === 404 && /model/i.test(message) && type === 'not_found_error') {
    return { error: modelNotFound(facts.model, details) };
  }
  const mayRetry = header('x-should-retry') !== 'false';
  const retryAfterMs = retryAfterOf(header, facts.now);
  const when = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) {
    const resetsAt = resetOf(header) ?? (retryAfterMs === undefined ? undefined : facts.now + retryAfterMs);
    return {
      error: rateLimited(details),
      ...when,
      ...(mayRetry ? { retryReason: t('The service asks to slow down.') } : {}),
      limit: { type: 'rateLimit', status: 'blocked', ...(resetsAt === undefined ? {} : { resetsAt }) },
    };
  }
  if (status >= 500 || status === 408 || status === 409) {
    return {
      error: overloaded(details),
      ...when,
      ...(mayRetry ? { retryReason: t('The service is overloaded or failing.') } : {}),
    };
  }
  return { error: requestRefused(details), ...(/\bimage/i.test(message) ? { refusesImages: true } : {}) };
}

/** An error that came in the middle of a stream. */
export function failureOfEvent(error: JsonRecord, facts: FailureFacts): ModelFailure {
  const type = asString(error['type']) ?? '';
  const message = asString(error['message']) ?? '';
  const details = facts.redact(bounded(`${type}: ${message}`));
  switch (type) {
    case 'overloaded_error':
    case 'api_error':
    case 'timeout_error':
    case '':
      return { error: overloaded(details), retryReason: t('The service is overloaded or failing.') };
    case 'rate_limit_error':
      return { error: rateLimited(details), retryReason: t('The service asks to slow down.') };
    case 'billing_error':
      return { error: accountUnpaid(serviceName, details) };
    case 'authentication_error':
    case 'permission_error':
      return { error: keyRefused(serviceName, runtimeId, details) };
    default:
      return isTooLong(400, message)
        ? { error: promptTooLong(details), isTooLong: true }
        : { error: requestRefused(details) };
  }
}

/** No answer came at all. */
export function failureOfNetwork(message: string, { redact }: FailureFacts): ModelFailure {
  return {
    error: networkUnreachable(redact(bounded(message))),
    retryReason: t('The service could not be reached.'),
    maxRetries: maxNetworkRetries,
  };
}

/** The answer ended in its middle. */
export function failureOfCut(message: string, { redact }: FailureFacts): ModelFailure {
  return { error: streamBroke(redact(bounded(message))), retryReason: t('The connection broke off.') };
}

/** The service never succeeds without a stream, never sends elsewhere, and names the kind of each of its errors. */
function isOfAnother(status: number, type: string, text: string): boolean {
  if (status === 429 || status === 408 || status >= 500) {
    return false;
  }
  const isPage = /^\s*<(?:!doctype|html)/i.test(text);
  return status < 400 || isPage || ((status === 404 || status === 405) && type === '');
}

function isTooLong(status: number, message: string): boolean {
  return (
    status === 413 || (status === 400 && /prompt is too long|exceeds? (?:the )?context (?:limit|window)/i.test(message))
  );
}

/** `retry-after` in seconds or as a date. */
function retryAfterOf(header: FailedResponse['header'], now: number): number | undefined {
  const exact = Number(header('retry-after-ms') ?? Number.NaN);
  if (exact >= 0) {
    return exact;
  }
  const text = header('retry-after');
  if (text === undefined || text.trim() === '') {
    return undefined;
  }
  const seconds = Number(text);
  const at = Number.isNaN(seconds) ? parseIsoTime(text) : now + seconds * 1000;
  return at === undefined ? undefined : Math.max(0, at - now);
}

/** When what is used up is there again: the latest of the limits of which nothing remains. */
function resetOf(header: FailedResponse['header']): number | undefined {
  const resets = ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((what) => {
    const remaining = header(`anthropic-ratelimit-${what}-remaining`);
    const at = parseIsoTime(header(`anthropic-ratelimit-${what}-reset`) ?? '');
    return remaining === '0' && at !== undefined ? [at] : [];
  });
  const unified = Number(header('anthropic-ratelimit-unified-reset') ?? Number.NaN);
  if (header('anthropic-ratelimit-unified-status') === 'rejected' && unified > 0) {
    resets.push(unified * 1000);
  }
  return resets.length === 0 ? undefined : Math.max(...resets);
}

function bounded(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > longestDetails ? `${trimmed.slice(0, longestDetails)}…` : trimmed;
}
