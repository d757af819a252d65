import { t } from '../../base/l10n.ts';
import { guestFile, sortedFile } from './demoFiles.ts';
import { addingGuest, guestName, guestsOf, newGuests } from './guestList.ts';
import { callOne, type CallResult, type DemoCall, type ModelStep, type Scenario, type Shell } from './modelStep.ts';
import { quoted } from './quoted.ts';

/** Others may change the file between reading and editing it; more often than this is no accident. */
const maxEditAttempts = 3;

/** Reads the list; undefined, and a sentence, where that failed. */
export function* readGuests(step: Omit<ModelStep, 'calls'>): Scenario<string | undefined> {
  const read = yield* callOne(step, { tool: 'Read', file: guestFile });
  if (read.outcome === 'completed') {
    return read.output;
  }
  yield {
    text: `${t('The list could not be read, so this is as far as the demo gets. This is what the tool said:')}\n\n${quoted(read.output)}`,
  };
  return undefined;
}

/** Asks who is to be added; undefined where the person has no answer. */
export function* askForGuest(text: string): Scenario<string | undefined> {
  const guests = guestsOf(text);
  const question = t('Who else should be on the list?');
  const options = newGuests(guests, 3).map((label, index) =>
    index === 0 ? { label, description: t('The script would take this name') } : { label },
  );
  const asked = yield* callOne(
    {
      text: t('There are {0} guests on the list. Your answer to this question changes what I do next.', guests.length),
    },
    { tool: 'AskUserQuestion', questions: [{ question, header: t('Guest'), multiSelect: false, options }] },
  );
  const answer = asked.answers?.[question];
  return answer === undefined ? undefined : guestName(typeof answer === 'string' ? answer : answer.join(' '));
}

/** Adds the guest, after asking; reads again where the file has changed meanwhile. */
export function* addGuest(text: string, guest: string, saying: string): Scenario<boolean> {
  let current = text;
  let result = yield* change({ text: saying }, addingGuest(current, guest));
  for (let attempt = 1; attempt < maxEditAttempts && result.outcome === 'failed'; attempt++) {
    const again = yield* callOne(
      { text: t('The edit did not fit: the file has changed since I read it. I look at it again.') },
      { tool: 'Read', file: guestFile },
    );
    current = again.output;
    result = again.outcome === 'completed' ? yield* change({}, addingGuest(current, guest)) : again;
  }
  if (result.outcome === 'refused') {
    yield* noted(t('That was not approved, so the file stays as it is.'), result);
  }
  return result.outcome === 'completed';
}

/** Sorts the list with a real command, after asking. */
export function* sortGuests(shell: Shell, saying: string): Scenario<CallResult> {
  const command =
    shell === 'cmd'
      ? `sort ${guestFile} /o ${sortedFile} & type ${sortedFile}`
      : `sort ${guestFile} | tee ${sortedFile}`;
  const result = yield* change({ text: saying }, { tool: 'Bash', command, description: t('Sort the guests') });
  if (result.outcome === 'refused') {
    yield* noted(t('That was not approved, so nothing was run.'), result);
  }
  return result;
}

/** A call that changes something. Refused by plan mode, it becomes a plan first. */
export function* change(step: Omit<ModelStep, 'calls'>, call: DemoCall): Scenario<CallResult> {
  const result = yield* callOne(step, call);
  if (result.refusedBy !== 'rule') {
    return result;
  }
  const planned = yield* callOne(
    {
      text: t(
        'Plan mode refused that before it could do anything: the card above says so. So I make a plan; approving it leaves plan mode.',
      ),
    },
    { tool: 'ExitPlanMode', plan: planFor(call) },
  );
  return planned.outcome === 'completed' ? yield* callOne({}, call) : planned;
}

function planFor(call: DemoCall): string {
  const act = call.tool === 'Bash' ? t('Run `{0}`.', call.command) : t('Add one line to `{0}`.', guestFile);
  return `## ${t('Plan')}\n\n1. ${act}\n2. ${t('Say what came of it.')}\n\n${t('What is asked for then is up to the mode.')}`;
}

function* noted(sentence: string, result: CallResult): Scenario {
  yield { text: `${sentence} ${t('This is what reached me:')}\n\n${quoted(result.output)}` };
}
