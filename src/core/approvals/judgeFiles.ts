import { t } from '../../base/l10n.ts';
import { showInvisible } from '../../base/visibleText.ts';
import { isInside, shortPath } from '../paths.ts';
import type { FileChange } from '../runtime.ts';
import {
  allow,
  allowedByAuto,
  allowedByRules,
  ask,
  askOfProtected,
  type Case,
  deniedByRule,
  denyingRule,
  granted,
  isGuarded,
  isInRoot,
  type Judgement,
  type Target,
  targetOf,
  withRuntimeReason,
} from './judgement.ts';
import { allowsPath, concerns, isForAll } from './ruleMatching.ts';
import type { Rule } from './rules.ts';

export async function judgeRead(call: Case): Promise<Judgement> {
  const { request, state, root } = call;
  const targets = await targetsOf(call);
  const refusing = await firstDenying(targets, call);
  if (refusing !== undefined) {
    return deniedByRule(refusing);
  }
  const outside = targets.filter((target) => !isInRoot(target, root));
  const [first] = outside;
  if (first === undefined) {
    return allow(t('it only reads inside the folder'));
  }
  const rules = rulesFor(outside, call);
  if (rules !== undefined) {
    return allowedByRules(rules);
  }
  const reason = withRuntimeReason(
    t("It reads outside the session's folder: {0}", showInvisible(outermost(first, root))),
    request,
  );
  if (outside.length > 1) {
    return state.mode === 'auto' && !outside.some((target) => isGuarded(target, call)) ? allowedByAuto() : ask(reason);
  }
  const key = `read:${first.real}`;
  const grant = { key, scope: t('reading {0}', showInvisible(outermost(first, root))) };
  const isOpen = state.mode === 'auto' && !isGuarded(first, call);
  return granted(key, state) ?? (isOpen ? allowedByAuto() : ask(reason, grant));
}

export async function judgeEdit(call: Case): Promise<Judgement> {
  const { request, state, root, files } = call;
  const targets = await targetsOf(call);
  const refusing = await firstDenying(targets, call);
  if (refusing !== undefined) {
    return deniedByRule(refusing);
  }
  if (targets.length === 0) {
    return ask(t('It changes a file, and which one is not known.'));
  }
  const guarded = targets.find((target) => isGuarded(target, call));
  if (guarded !== undefined) {
    return askOfProtected(guarded.real);
  }
  for (const { real } of targets) {
    if (((await files.linkCount?.(real)) ?? 1) > 1) {
      return ask(t('{0} has other names on the disk: what changes here changes there too.', showInvisible(real)));
    }
  }
  if (request.change !== undefined && namesRemoteSchema(request.change)) {
    return ask(t('It names a remote schema, which the editor would fetch by itself.'));
  }
  const rules = rulesFor(targets, call);
  if (rules !== undefined) {
    return allowedByRules(rules);
  }
  const outside = targets.find((target) => !isInRoot(target, root));
  if (outside !== undefined) {
    return ask(t("It writes outside the session's folder: {0}", showInvisible(outermost(outside, root))));
  }
  const key = `edit:${root}`;
  const earlier = granted(key, state);
  if (earlier !== undefined) {
    return earlier;
  }
  if (state.mode === 'acceptEdits') {
    return allow(t('the session accepts edits in its folder'));
  }
  if (state.mode === 'auto') {
    return allowedByAuto();
  }
  const shown = targets.map(({ real }) => showInvisible(shortPath(root, real))).join(', ');
  const scope = t('every edit of files in {0} that are not protected', showInvisible(root));
  return ask(withRuntimeReason(t('It changes {0}.', shown), request), { key, scope });
}

function targetsOf(call: Case): Promise<readonly Target[]> {
  return Promise.all(call.request.paths.map((path) => targetOf(path, call)));
}

/** The place that is shown for a target that is not inside. */
function outermost({ real, places }: Target, root: string): string {
  return places.find((place) => !isInside(root, place)) ?? real;
}

async function firstDenying(targets: readonly Target[], call: Case): Promise<Rule | undefined> {
  const rules = call.state.deny.filter((rule) => concerns(rule, call.request));
  const found = await Promise.all(targets.map((target) => denyingRule(rules, target, call)));
  return found.find((rule) => rule !== undefined);
}

/** For each target the rule that allows it; `undefined` unless all have one. */
function rulesFor(targets: readonly Target[], { request, state, root }: Case): readonly Rule[] | undefined {
  const rules = state.allow.filter((rule) => concerns(rule, request));
  // To edit elsewhere takes a rule that names the place.
  const covers = (rule: Rule, target: Target): boolean =>
    isForAll(rule)
      ? request.access === 'read' || isInRoot(target, root)
      : target.places.every((place) => allowsPath(rule, place, root, state.home));
  const found = targets.map((target) => rules.find((rule) => covers(rule, target)));
  return found.every((rule) => rule !== undefined) ? found : undefined;
}

/** Files that VS Code reads as JSON, whether or not they are called so. */
const jsonName =
  /(?:\.(?:jsonc?|jsonld|geojson|webmanifest|har|ipynb|code-snippets|map)|[\\/.](?:eslint|babel|swc|hint|jshint|jslint|jsfmt|jscs|bower|vue)rc)$/i;

/** An editor fetches the schema that a JSON file names as soon as the file is there. */
function namesRemoteSchema(change: FileChange): boolean {
  const texts = 'content' in change ? [change.content] : change.replacements.map(({ newText }) => newText);
  const remote = /["']\$schema["'](?:\s|\/\*[^]*?\*\/|\/\/[^\n]*\n)*:(?:\s|\/\*[^]*?\*\/)*["']\s*(?:https?:)?\/\//i;
  return jsonName.test(change.path) && texts.some((text) => remote.test(withoutEscapes(text)));
}

/** As JSON takes it: a letter may be written by its number. */
function withoutEscapes(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll('\\/', '/');
}
