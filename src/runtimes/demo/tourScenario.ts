import { t } from '../../base/l10n.ts';
import { addGuest, askForGuest, readGuests, sortGuests } from './guestScenario.ts';
import type { Scenario, Shell } from './modelStep.ts';

/** What a newcomer sees first: a bit of everything, in a minute. `menu`: what else there is. */
export function* tourScenario(shell: Shell, menu: string): Scenario {
  const text = yield* readGuests({
    reasoning: t(
      'This is where an agent shows its thinking. No model thinks here: these lines were written beforehand. First I should see what is in the folder.',
    ),
    text: `**${t('Welcome! This is a demo without a model.')}** ${t('What I say is scripted. The tools are real: I work on files in a scratch folder of my own, and you decide what may happen.')}\n\n${t('Reading inside the folder needs no approval, so I begin with the guest list.')}`,
  });
  if (text === undefined) {
    return;
  }
  const guest = yield* askForGuest(text);
  const added =
    guest === undefined
      ? false
      : yield* addGuest(
          text,
          guest,
          t(
            '**{0}** it is. Changing a file needs your approval: the card shows the change before it is made.',
            escaped(guest),
          ),
        );
  const sorted = yield* sortGuests(
    shell,
    `${guest === undefined ? `${t('You chose nobody, so I leave the list alone.')} ` : ''}${t('Next a command: I sort the list. You see the whole command line before it runs.')}`,
  );
  yield {
    reasoning: t('Time to sum up.'),
    text: [
      `### ${t('What has happened')}`,
      '',
      `- ${added ? t('The file was really changed: open the diff to see it.') : t('The file was not changed.')}`,
      `- ${sorted.outcome === 'completed' ? t('The command really ran: open its row to see the output.') : t('The command did not run to its end.')}`,
      `- ${t('No model was asked, and nothing left this machine.')}`,
      '',
      menu,
    ].join('\n'),
  };
}

/** A name between Markdown marks. */
function escaped(name: string): string {
  return name.replace(/[\\`*_[\]<>]/gu, '\\$&');
}
