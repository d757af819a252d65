import { t } from '../../base/l10n.ts';
import { action } from '../../core/errors.ts';
import { guestFile, missingFile, programFile, seatFile } from './demoFiles.ts';
import { guestsOf, newGuests } from './guestList.ts';
import { addGuest, change, readGuests } from './guestScenario.ts';
import { callOne, type Scenario, type Shell } from './modelStep.ts';
import { quoted } from './quoted.ts';

const longLines = 3_000;
const longListItems = 120;
const pretendedRetries = 2;

export function* editScenario(): Scenario {
  const text = yield* readGuests({
    reasoning: t('Read first, then edit: an edit replaces text that has to be there.'),
    text: t('I read the guest list, then add a name. (Scripted, but the file is a real one.)'),
  });
  if (text === undefined) {
    return;
  }
  const guest = newGuests(guestsOf(text), 1)[0] ?? '';
  const added = yield* addGuest(
    text,
    guest,
    t('This is the change. Approve it once, for this session, or reject it with a reason.'),
  );
  yield {
    text: added
      ? t('{0} is on the list now. "Open diff" shows the change in the editor.', guest)
      : t('The list is as it was.'),
  };
}

export function* questionScenario(): Scenario {
  const when = t('When should the doors open?');
  const what = t('What should there be in the foyer?');
  const asked = yield* callOne(
    { text: t('Agents can ask back. One question takes one answer, the other several; both take words of your own.') },
    {
      tool: 'AskUserQuestion',
      questions: [
        {
          question: when,
          header: t('Doors'),
          multiSelect: false,
          options: [{ label: '18:30' }, { label: '19:00', description: t('Half an hour before the play') }],
        },
        {
          question: what,
          header: t('Foyer'),
          multiSelect: true,
          options: [{ label: t('Music') }, { label: t('Drinks') }, { label: t('Flowers') }],
        },
      ],
    },
  );
  if (asked.answers === undefined) {
    yield { text: t('You skipped the questions. An agent is told so, and goes on without an answer.') };
    return;
  }
  const lines = Object.entries(asked.answers).map(
    ([question, answer]) => `**${question}**\n\n${quoted(typeof answer === 'string' ? answer : answer.join(', '))}`,
  );
  yield {
    text: [t('This is what reached me:'), ...lines, t('A model would go on from there; the script ends here.')].join(
      '\n\n',
    ),
  };
}

export function* parallelScenario(): Scenario {
  const files = [guestFile, programFile, seatFile];
  const results = yield {
    reasoning: t('These three do not depend on each other, so they can be read at the same time.'),
    text: t('I read three files at once.'),
    calls: files.map((file) => ({ tool: 'Read', file }) as const),
  };
  const rows = files.map((file, index) => {
    const result = results[index];
    return `| \`${file}\` | ${result?.outcome === 'completed' ? guestsOf(result.output).length : '–'} |`;
  });
  yield {
    text: [t('All of them are read:'), '', `| ${t('File')} | ${t('Lines')} |`, '| --- | ---: |', ...rows].join('\n'),
  };
}

export function* longOutputScenario(shell: Shell): Scenario {
  const command =
    shell === 'cmd'
      ? `for /L %i in (1,1,${longLines}) do @echo line %i`
      : `i=1; while [ $i -le ${longLines} ]; do echo "line $i"; i=$((i+1)); done`;
  const result = yield* change(
    {
      text: t(
        'This command prints {0} lines. The chat stays light: it shows the ends, and opens the rest on demand.',
        longLines,
      ),
    },
    { tool: 'Bash', command, description: t('Print many lines') },
  );
  const items = Array.from(
    { length: longListItems },
    (_, index) => `${index + 1}. ${t('item {0} of a long answer', index + 1)}`,
  );
  yield {
    pace: 'fast',
    text: [
      result.outcome === 'completed'
        ? t('That was the command. Now a long answer, which you can stop or scroll away from:')
        : t('Without the command, then. Here is a long answer, which you can stop or scroll away from:'),
      '',
      ...items,
    ].join('\n'),
  };
}

export function* errorScenario(): Scenario {
  const read = yield* callOne(
    { text: t('Three kinds of trouble, one after the other. First I read a file that does not exist.') },
    { tool: 'Read', file: missingFile },
  );
  yield {
    text: `${t('The call failed, and this is what the agent is told:')}\n\n${quoted(read.output)}\n\n${t('Next the service is overloaded, or pretends to be: the status line counts the attempts. Then it fails for good.')}`,
  };
  yield {
    retries: pretendedRetries,
    failure: {
      code: 'demoFailure',
      message: t(
        'This failure belongs to the demo: nothing is wrong. A real one says what happened and what you can do.',
      ),
      actions: [action.retry(), action.newSession()],
    },
  };
}

export function* markdownScenario(): Scenario {
  yield {
    reasoning: t('A little of everything that an answer can hold.'),
    text: [
      `## ${t('What answers look like')}`,
      '',
      t(
        'Text can be **bold**, *emphasised* or `code`, and it is drawn while it streams. (This is the demo: no model wrote it.)',
      ),
      '',
      '```ts',
      'interface Guest {',
      '  readonly name: string;',
      '  readonly row: number;',
      '}',
      '',
      'export function greet({ name, row }: Guest): string {',
      // oxlint-disable-next-line no-template-curly-in-string -- this is code that is shown
      '  return `Good evening, ${name}: row ${row}.`;',
      '}',
      '```',
      '',
      `| ${t('Row')} | ${t('Seats')} | ${t('Free')} |`,
      '| --- | ---: | :---: |',
      `| A | 12 | ${t('yes')} |`,
      `| B | 14 | ${t('no')} |`,
      '',
      `- ${t('a list')}`,
      `  - ${t('with a list inside')}`,
      `- ${t('and an end')}`,
      '',
      `> ${t('A quotation, for good measure.')}`,
    ].join('\n'),
  };
}
