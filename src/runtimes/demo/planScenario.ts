import { t } from '../../base/l10n.ts';
import { guestFile, programFile } from './demoFiles.ts';
import { guestsOf, newGuests } from './guestList.ts';
import { addGuest } from './guestScenario.ts';
import { callOne, type Scenario } from './modelStep.ts';
import { quoted } from './quoted.ts';

/** Reads, makes a plan, and carries it out once it is approved; a rejected plan is made anew, once. */
export function* planScenario(): Scenario {
  const [list, program] = yield {
    reasoning: t('A plan is worth nothing before I have read what is there.'),
    text: t('I read two files, and then make a plan for you to approve. (This is the demo: the plan is scripted.)'),
    calls: [
      { tool: 'Read', file: guestFile },
      { tool: 'Read', file: programFile },
    ],
  };
  if (list?.outcome !== 'completed' || program?.outcome !== 'completed') {
    yield { text: t('The files could not be read, so there is nothing to plan.') };
    return;
  }
  const guest = newGuests(guestsOf(list.output), 1)[0] ?? '';
  const first = [
    `## ${t('Plan for the evening')}`,
    '',
    `1. ${t('Add {0} to `{1}`.', guest, guestFile)}`,
    `2. ${t('Leave `{0}` as it is.', programFile)}`,
    `3. ${t('Say what was done.')}`,
  ].join('\n');
  let decided = yield* callOne({ text: t('This is what I would do:') }, { tool: 'ExitPlanMode', plan: first });
  if (decided.outcome === 'refused') {
    const second = `${first.replace(t('Plan for the evening'), t('Second plan'))}\n4. ${t('Take what you said into account:')}\n\n   ${quoted(decided.output)}`;
    decided = yield* callOne(
      {
        text: t('You rejected the plan, so I make another. A model would change it; the script only adds your words.'),
      },
      { tool: 'ExitPlanMode', plan: second },
    );
  }
  if (decided.outcome !== 'completed') {
    yield { text: t('No plan was approved, so nothing is changed. That is what plan mode is for.') };
    return;
  }
  const added = yield* addGuest(
    list.output,
    guest,
    t('The plan is approved, and plan mode is off: from here on the mode decides again what is asked for.'),
  );
  yield {
    text: added
      ? t('Done as planned: the list has one more guest.')
      : t('The plan ends here: the list was not changed.'),
  };
}
