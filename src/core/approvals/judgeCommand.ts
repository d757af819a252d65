import { t } from '../../base/l10n.ts';
import { showInvisible } from '../../base/visibleText.ts';
import { isInside, normalizePath, resolvePath } from '../paths.ts';
import type { ToolRequest } from '../runtime.ts';
import type { Reading, Unreadable } from './commandLine.ts';
import { stepsOf } from './expandLine.ts';
import {
  allowedByAuto,
  ask,
  askOfProtected,
  type Case,
  granted,
  isGuarded,
  type Judgement,
  type Target,
  targetOf,
  withRuntimeReason,
} from './judgement.ts';
import { matchedFiles } from './matchedFiles.ts';
import { namedOutside, refusedByRule } from './refusedCommands.ts';
import { rulesForSteps } from './ruledCommands.ts';
import { readShellCommand } from './shellParser.ts';
import { variablesOf } from './wordTexts.ts';
import { type Writes, writesOf } from './writes.ts';

/** As many commands in one line ask: nobody looks at each of them, and neither does a rule. */
const tooManyCommands = 60;
/** A longer one may be shown with a gap, so that it is approved once at most. */
const maxGrantedLength = 4_000;

export async function judgeCommand(call: Case): Promise<Judgement> {
  const { request, state } = call;
  const reading = readCommand(request);
  if (reading.kind === 'unreadable') {
    return ask(withRuntimeReason(unreadableReason(reading.why), request));
  }
  const steps = stepsOf(reading.line);
  if ('why' in steps) {
    return ask(withRuntimeReason(unreadableReason(steps.why), request));
  }
  const variables = variablesOf(reading.line);
  const refusal = await refusedByRule(call, steps.steps, variables);
  if (refusal !== undefined) {
    return refusal;
  }
  if (steps.steps.length >= tooManyCommands) {
    return ask(t('It runs {0} commands at once, too many to be checked one by one.', steps.steps.length));
  }
  const writes = writesOf(steps.steps, { cwd: call.cwd, home: state.home, variables });
  const written = await writtenPlaces(call, writes);
  const guarded = await protectedIn(call, writes, written.places);
  if (guarded !== undefined) {
    return askOfProtected(guarded);
  }
  const command = request.command ?? '';
  const grant =
    command.length > maxGrantedLength ? undefined : { key: grantKey(call, command), scope: t('this exact command') };
  const earlier = grant === undefined ? undefined : granted(grant.key, state);
  if (earlier !== undefined) {
    return earlier;
  }
  const outside = outsideOf(call, written.places);
  if (writes.hasUnknownTarget || written.isUnknown || outside !== undefined) {
    const reason =
      outside === undefined
        ? t('It writes to a place that is known only when it runs.')
        : t("It writes outside the session's folder: {0}", showInvisible(outside));
    return ask(withRuntimeReason(reason, request), grant);
  }
  const named = await namedOutside(call, steps.steps, variables);
  if (named !== undefined) {
    return ask(
      withRuntimeReason(t("It reads outside the session's folder: {0}", showInvisible(named)), request),
      grant,
    );
  }
  const ruled = await rulesForSteps(call, steps, variables);
  if (ruled.kind === 'allowed') {
    return ruled.judgement;
  }
  if (state.mode === 'auto') {
    return allowedByAuto();
  }
  const reason =
    ruled.uncovered === undefined
      ? t('It runs a command.')
      : t('It runs a command that no rule allows: {0}', showInvisible(ruled.uncovered));
  return ask(withRuntimeReason(reason, request), grant);
}

/** In another folder the same words are another command. */
function grantKey({ cwd, state }: Case, command: string): string {
  const folder = normalizePath(cwd);
  return folder === normalizePath(state.cwd) ? `execute:${command}` : `execute@${folder}:${command}`;
}

function readCommand({ command, shell }: ToolRequest): Reading {
  if (command === undefined) {
    return { kind: 'unreadable', why: 'syntax' };
  }
  return shell === undefined || shell === 'posix'
    ? readShellCommand(command)
    : { kind: 'unreadable', why: 'otherShell' };
}

function unreadableReason(why: Unreadable): string {
  switch (why) {
    case 'tooLong':
      return t('The command is too long or too deep to be checked.');
    case 'invisibleCharacters':
      return t('The command has characters that cannot be seen.');
    case 'syntax':
      return t('The command cannot be read as a shell would read it.');
    case 'ambiguous':
      return t('The command has parts that shells read differently, or that run what they hold.');
    case 'otherShell':
      return t('The command is for a shell that Greenroom does not read.');
  }
}

interface WrittenPlace {
  readonly target: Target;
  readonly isItself: boolean;
  readonly isSource: boolean;
}

/** Where the writes of a line end on this disk. */
async function writtenPlaces(
  call: Case,
  { targets }: Writes,
): Promise<{ readonly places: readonly WrittenPlace[]; readonly isUnknown: boolean }> {
  const places: WrittenPlace[] = [];
  let isUnknown = false;
  for (const { path, hasPattern, isItself, isSource } of targets) {
    const matched = hasPattern ? await matchedFiles(path, call.files) : [path];
    isUnknown ||= matched === undefined;
    for (const [index, each] of (matched ?? []).entries()) {
      // Of what a pattern matches only everything is the whole folder; the first is the folder itself.
      const isWhole = !hasPattern || (index === 0 && /(?:^|[\\/])\*+$/.test(path));
      places.push({ target: await targetOf(each, call), isItself: isItself && isWhole, isSource });
    }
  }
  return { places, isUnknown };
}

/** What the line writes that is protected, in words. */
async function protectedIn(call: Case, writes: Writes, written: readonly WrittenPlace[]): Promise<string | undefined> {
  if (writes.protectedWord !== undefined) {
    return writes.protectedWord;
  }
  for (const { target, isItself } of written) {
    if (isGuarded(target, call) || (isItself && target.places.some((place) => isInside(place, call.root)))) {
      return target.real;
    }
  }
  // In a protected folder names say nothing any more.
  for (const folder of writes.mayWrite ? [call.cwd, ...(writes.folders ?? [])] : []) {
    const target = await targetOf(resolvePath(folder, 'x'), call);
    if (isGuarded(target, call)) {
      return folder;
    }
  }
  return undefined;
}

/** Places that anybody may write to, and that hold nothing which runs. */
const openFolders = ['/tmp', '/private/tmp', '/var/tmp', '/dev/fd'] as const;

function outsideOf(call: Case, written: readonly WrittenPlace[]): string | undefined {
  return written
    .filter(({ isSource }) => !isSource)
    .flatMap(({ target: { asked, places } }) =>
      places.filter(
        (place) =>
          !isInside(call.root, place) &&
          !openFolders.some((folder) => isInside(folder, asked) && isInside(folder, place)),
      ),
    )[0];
}
