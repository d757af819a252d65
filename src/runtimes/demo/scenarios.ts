import { t } from '../../base/l10n.ts';
import type { Scenario, Shell } from './modelStep.ts';
import { planScenario } from './planScenario.ts';
import {
  editScenario,
  errorScenario,
  longOutputScenario,
  markdownScenario,
  parallelScenario,
  questionScenario,
} from './shortScenarios.ts';
import { tourScenario } from './tourScenario.ts';

interface Feature {
  /** What the list offers to type. */
  readonly word: string;
  /** Other words that mean it, in the language of this source. */
  readonly english: readonly string[];
  readonly about: string;
  readonly play: (shell: Shell) => Scenario;
}

/** What the demo can show, in the order in which words are looked for. */
function features(): readonly Feature[] {
  return [
    {
      word: t('plan'),
      english: ['plan'],
      about: t('reads, and makes a plan that waits for you'),
      play: planScenario,
    },
    {
      word: t('question'),
      english: ['question', 'questions', 'ask'],
      about: t('asks you, with choices'),
      play: questionScenario,
    },
    {
      word: t('edit'),
      english: ['edit', 'change'],
      about: t('changes a file, after you have seen the diff'),
      play: editScenario,
    },
    {
      word: t('long output'),
      english: ['long output', 'long'],
      about: t('a command and an answer with a lot to say'),
      play: longOutputScenario,
    },
    {
      word: t('parallel read'),
      english: ['parallel read', 'parallel', 'read'],
      about: t('three files at the same time'),
      play: parallelScenario,
    },
    {
      word: t('markdown'),
      english: ['markdown', 'table', 'code', 'list'],
      about: t('headings, code, a table and a list'),
      play: markdownScenario,
    },
    {
      word: t('error'),
      english: ['error', 'fail', 'failure'],
      about: t('a failed call, an overloaded service, a failed turn'),
      play: errorScenario,
    },
    {
      word: t('tour'),
      english: ['tour', 'show me around', 'demo', 'command'],
      about: t('a bit of everything, once more'),
      play: (shell) => tourScenario(shell, menu()),
    },
  ];
}

/** What the scripted model does with a message. Every message has a scenario. */
export function scenarioFor(prompt: string, shell: Shell): Scenario {
  if (prompt.trim() === t('Show me around.')) {
    return tourScenario(shell, menu());
  }
  const found = features().find(({ word, english }) => [word, ...english].some((name) => mentions(prompt, name)));
  return found === undefined ? helpScenario() : found.play(shell);
}

function* helpScenario(): Scenario {
  yield {
    text: `${t('I am a demo without a model, so I cannot understand what you wrote: I only know a few words.')}\n\n${menu()}`,
  };
}

function menu(): string {
  const lines = features().map(({ word, about }) => `- \`${word}\` – ${about}`);
  return [
    t('Send one of these words to see more:'),
    '',
    ...lines,
    '',
    t('To work for real, start a new session with an agent of yours.'),
  ].join('\n');
}

/** Whole words, where the script has words; in others the text has only to contain it. */
function mentions(prompt: string, name: string): boolean {
  const [text, wanted] = [prompt.toLowerCase(), name.toLowerCase()];
  if (!/^[a-z ]+$/u.test(wanted)) {
    return text.includes(wanted);
  }
  return ` ${text.split(/[^\p{L}\p{N}]+/u).join(' ')} `.includes(` ${wanted} `);
}
