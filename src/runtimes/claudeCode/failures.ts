import type { ErrorInfo } from '../../base/errors.ts';
import { asArray, asNumber, asString, type JsonRecord } from '../../base/json.ts';
import {
  modelNotFound,
  networkUnreachable,
  overloaded,
  promptTooLong,
  rateLimited,
  requestRefused,
} from '../shared/serviceErrors.ts';
import { badSetting, cliTooOld, crashed, notLoggedIn } from './errors.ts';

const longestDetails = 4000;

/** What an assistant line of the CLI's own making says of a failed request. */
export interface ApiFailure {
  readonly error: string | undefined;
  readonly apiError: string | undefined;
  readonly status: number | undefined;
  readonly text: string;
}

/** The failure that a message of the CLI's own making stands for, if it is one. */
export function apiFailureOf(line: JsonRecord, text: string): ApiFailure | undefined {
  const error = asString(line['error']);
  if (error === undefined && line['is_api_error_message'] !== true) {
    return undefined;
  }
  return {
    error,
    apiError: asString(line['api_error']),
    status: asNumber(line['api_error_status']),
    text,
  };
}

/** The texts with which the CLI says that an account's limit is used up; old versions have no other sign. */
const usageLimitText = /^(?:You(?:'|’)ve hit your|Claude AI usage limit reached|You are out of|You(?:'|’)re out of)/;
const modelTexts = /issue with the selected model|model.{0,80}(?:not exist|not found)|not_found_error.{0,80}model/i;
const loginTexts = /Not logged in|Please run \/login|Invalid API key|OAuth token (?:has expired|revoked)/i;
const networkTexts =
  /Unable to connect|Connection error|ECONNREFUSED|ENOTFOUND|ECONNRESET|ETIMEDOUT|fetch failed|socket connection/i;

/** Whether an account's limit is used up, so that nothing is served until it is reset. */
export function isUsageLimit(failure: ApiFailure): boolean {
  return failure.apiError === 'usage_limit_reached' || usageLimitText.test(failure.text);
}

/** The error of a turn whose result says that it failed. */
export function errorOfResult(
  result: JsonRecord,
  failure: ApiFailure | undefined,
  model: string | undefined,
): ErrorInfo {
  const text = bounded(
    asString(result['result']) ??
      failure?.text ??
      asArray(result['errors'])
        .filter((e) => typeof e === 'string')
        .join('\n'),
  );
  const status = asNumber(result['api_error_status']) ?? failure?.status ?? statusInText(text);
  const facts: ApiFailure = { error: failure?.error, apiError: failure?.apiError, status, text };
  return (
    (result['terminal_reason'] === 'prompt_too_long' ? promptTooLong(text) : undefined) ??
    errorOfApiFailure(facts, model) ??
    (status === undefined && facts.error === undefined ? crashed(1, text) : requestRefused(text))
  );
}

function errorOfApiFailure(failure: ApiFailure, model: string | undefined): ErrorInfo | undefined {
  const { error, apiError, status, text } = failure;
  if (isUsageLimit(failure)) {
    return rateLimited(text);
  }
  if (/^(?:API Error: )?(?:400 )?.{0,40}prompt is too long/i.test(text)) {
    return promptTooLong(text);
  }
  if (error === 'model_not_found' || (status === 404 && /model/i.test(text)) || modelTexts.test(text)) {
    return modelNotFound(model, text);
  }
  if (apiError === 'connection_failed' || (status === undefined && networkTexts.test(text))) {
    return networkUnreachable(text);
  }
  if (loginErrors.has(error ?? '') || status === 401 || status === 403 || loginTexts.test(text)) {
    return notLoggedIn(text);
  }
  if (
    error === 'overloaded' ||
    error === 'rate_limit' ||
    error === 'server_error' ||
    status === 429 ||
    (status ?? 0) >= 500
  ) {
    return overloaded(text);
  }
  return undefined;
}

const loginErrors: ReadonlySet<string> = new Set([
  'authentication_failed',
  'oauth_org_not_allowed',
  'account_on_hold',
  'verification_required',
  'cloud_credential_error',
]);

function statusInText(text: string): number | undefined {
  const match = /^API Error: (\d{3})\b/.exec(text);
  return match === null ? undefined : Number(match[1]);
}

/** Whether the CLI says that it does not know the conversation to resume. */
export function isUnknownConversation(text: string): boolean {
  return /No conversation found|--resume requires a valid session/.test(text);
}

/** The error of a process that ended before its turn was over, from its exit code and its last words. */
export function errorOfExit(code: number, output: string, configuredArgs: readonly string[]): ErrorInfo {
  const details = bounded(output);
  const unknownOption = /error: unknown option '([^']+)'/.exec(output)?.[1];
  if (unknownOption !== undefined) {
    return configuredArgs.some((arg) => arg === unknownOption || arg.startsWith(`${unknownOption}=`))
      ? badSetting('greenroom.runtimes.claudeCode.args', 'options that Claude Code knows', unknownOption, details)
      : cliTooOld(unknownOption, details);
  }
  const badChoice = /error: option '([^']+)' argument '([^']*)' is invalid\. ([^\n]*)/.exec(output);
  if (badChoice !== null) {
    const [, option = '', found = '', choices = ''] = badChoice;
    return badSetting(settingOf(option), choices || option, found, details);
  }
  if (loginTexts.test(output)) {
    return notLoggedIn(details);
  }
  return crashed(code, details);
}

function settingOf(option: string): string {
  return option.startsWith('--permission-mode')
    ? 'greenroom.runtimes.claudeCode.permissionMode'
    : 'greenroom.runtimes.claudeCode.args';
}

/** The end of a text that is too long: errors come last. */
export function bounded(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > longestDetails ? `…${trimmed.slice(-longestDetails)}` : trimmed;
}
