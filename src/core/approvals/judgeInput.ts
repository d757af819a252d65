import { t } from '../../base/l10n.ts';
import { exactWord } from './commandLine.ts';
import { stepsOf } from './expandLine.ts';
import {
  allowedByAuto,
  ask,
  askOfProtected,
  type Case,
  granted,
  type Judgement,
  withRuntimeReason,
} from './judgement.ts';
import { refusedByRule } from './refusedCommands.ts';
import { concerns } from './ruleMatching.ts';
import { readShellCommand } from './shellParser.ts';
import { mentionsProtected, variablesOf } from './wordTexts.ts';

/**
 * Text that is typed into a program which runs already. It may be a shell or anything else, and a line may come in pieces:
 * no rule allows it. A rule that refuses a command refuses it here too, and text that names something protected asks.
 */
export async function judgeInput(call: Case): Promise<Judgement> {
  const { request, state } = call;
  const text = request.command ?? '';
  const reading = readShellCommand(text);
  const steps = reading.kind === 'line' ? stepsOf(reading.line) : reading;
  if (reading.kind === 'line' && 'steps' in steps) {
    const refusal = await refusedByRule(call, steps.steps, variablesOf(reading.line));
    if (refusal !== undefined) {
      return refusal;
    }
  } else if (state.deny.some((rule) => concerns(rule, request))) {
    return ask(t('Whether one of your rules refuses it is known only to the program that it is typed into.'));
  }
  if (mentionsProtected(exactWord(text), new Map(), state.home)) {
    return askOfProtected(text.trim());
  }
  const grant = { key: `input:${text}`, scope: t('typing this exact text') };
  return (
    granted(grant.key, state) ??
    (state.mode === 'auto'
      ? allowedByAuto()
      : ask(withRuntimeReason(t('It types into a program that runs.'), request), grant))
  );
}
