import { t } from '../../base/l10n.ts';
import { showInvisible } from '../../base/visibleText.ts';
import { grantableHost } from './hostPattern.ts';
import {
  allowedByAuto,
  allowedByRules,
  ask,
  askOfProtected,
  type Case,
  deniedByRule,
  denyingRule,
  type Grant,
  granted,
  isGuarded,
  type Judgement,
  targetOf,
  withRuntimeReason,
} from './judgement.ts';
import { concerns, coversRequestUrl, isForAll } from './ruleMatching.ts';

const maxPaths = 200;
const maxPathLength = 4_096;

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

/** A tool of which only the name is known, and who offers it. What it is given may be a file that it writes. */
export async function judgeUnknownTool(call: Case): Promise<Judgement> {
  const { toolName, origin, input } = call.request;
  const own = call.state.deny.filter((rule) => concerns(rule, call.request));
  const aboutFiles = call.state.deny.filter(({ name, path }) => path !== undefined && /^(?:read|edit)$/.test(name));
  const targets = await Promise.all(pathsIn(input).map((path) => targetOf(path, call)));
  let mayBe = own.find(({ command, host }) => command !== undefined || host !== undefined);
  for (const target of targets) {
    const refusing = await denyingRule(own, target, call);
    if (refusing !== undefined) {
      return deniedByRule(refusing);
    }
    mayBe ??= await denyingRule(aboutFiles, target, call);
  }
  const guarded = targets.find((target) => isGuarded(target, call));
  if (guarded !== undefined) {
    return askOfProtected(guarded.real);
  }
  if (mayBe !== undefined) {
    return ask(t('Whether your rule {0} refuses it is known only when it runs.', showInvisible(mayBe.text)));
  }
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

/** Texts without blanks, which could name a file; so many of them that no tool that works has more. */
function pathsIn(input: unknown): readonly string[] {
  const found: string[] = [];
  const open: unknown[] = [input];
  while (open.length > 0 && found.length < maxPaths) {
    const value = open.pop();
    if (typeof value === 'string') {
      const path = value.replace(/^file:\/\//i, '');
      if (path !== '' && path.length <= maxPathLength && !/\s/.test(path)) {
        found.push(path);
      }
    } else if (typeof value === 'object' && value !== null) {
      open.push(...Object.values(value));
    }
  }
  return found;
}

function textOfInput(input: unknown): string {
  return JSON.stringify(input) ?? '';
}
