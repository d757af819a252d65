import { t } from '../../base/l10n.ts';
import { showInvisible } from '../../base/visibleText.ts';
import { grantableHost } from './hostPattern.ts';
import {
  allowedByAuto,
  allowedByRules,
  ask,
  type Case,
  deniedByRule,
  type Grant,
  granted,
  type Judgement,
  withRuntimeReason,
} from './judgement.ts';
import { concerns, coversRequestUrl, isForAll } from './ruleMatching.ts';

export function judgeNetwork(call: Case): Judgement {
  const { request, state } = call;
  const refusing = state.deny.find((rule) => concerns(rule, request) && coversRequestUrl(rule, request.url));
  if (refusing !== undefined) {
    return deniedByRule(refusing);
  }
  const host = request.url === undefined ? undefined : grantableHost(request.url);
  const grant =
    host === undefined
      ? { key: `network:${request.toolName}:${textOfInput(request.input)}`, scope: t('this exact request') }
      : { key: `fetch:${host}`, scope: t('every request to https://{0}', host) };
  return judgeByGrant(call, grant, t('It sends a request to the network.'), (rule) =>
    coversRequestUrl(rule, request.url),
  );
}

/** A tool of which only the name is known, and who offers it. */
export function judgeUnknownTool(call: Case): Judgement {
  const { request } = call;
  const { toolName, origin } = request;
  const key = origin === undefined ? `tool:${toolName}` : `tool:${toolName}@${origin}`;
  const grant = { key, scope: t('every call of {0}, with any arguments', showInvisible(toolName)) };
  return judgeByGrant(call, grant, t('What this tool does is not known to Greenroom.'), isForAll);
}

function judgeByGrant(
  { request, state }: Case,
  grant: Grant,
  reason: string,
  covers: (rule: Case['state']['allow'][number]) => boolean,
): Judgement {
  const rule = state.allow.find((candidate) => concerns(candidate, request) && covers(candidate));
  return (
    granted(grant.key, state) ??
    (rule === undefined
      ? state.mode === 'auto'
        ? allowedByAuto()
        : ask(withRuntimeReason(reason, request), grant)
      : allowedByRules([rule]))
  );
}

function textOfInput(input: unknown): string {
  return JSON.stringify(input) ?? '';
}
