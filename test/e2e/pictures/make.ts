import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { call, say, think } from '../../modelServer/steps.ts';
import { AgentWorkbench } from '../agentWorkbench.ts';
import { limiterAfter, limiterBefore, project } from './project.ts';

const images = path.resolve(import.meta.dirname, '..', '..', '..', 'docs', 'images');
const chatWidthPx = 420;
const treeWidthPx = 320;

/** Without what says more about this machine than about Greenroom. */
const settings = {
  'window.commandCenter': false,
  'editor.minimap.enabled': false,
  'diffEditor.renderSideBySide': false,
  'workbench.layoutControl.enabled': false,
  'greenroom.notifications': 'none',
  'breadcrumbs.enabled': false,
  'diffEditor.hideUnchangedRegions.enabled': false,
};

/** One theme, from the first session to the last picture. */
async function take(theme: 'dark' | 'light', small: boolean): Promise<void> {
  const agent = await AgentWorkbench.start(project, {
    theme,
    settings,
    projectName: 'ticket-desk',
    viewport: { width: 1360, height: 850 },
    scale: 2,
  });
  const release = Promise.withResolvers<void>();
  try {
    commit(agent.folder);
    const { workbench } = agent;
    const { page } = workbench;
    const file = (name: string): string => path.join(agent.folder, name);
    const shoot = async (name: string, clip?: Locator, height?: number): Promise<void> => {
      await tidy(workbench.chat(), agent.folder);
      await page.mouse.move(680, 849);
      await page.waitForTimeout(700);
      const box = await clip?.boundingBox();
      await page.screenshot({
        path: path.join(images, `${name}.png`),
        ...(box === null || box === undefined ? {} : { clip: { ...box, height: height ?? box.height } }),
      });
    };
    await workbench.openContainer('Greenroom');
    const chat = await agent.openChat();
    await drag(page, page.locator('.part.auxiliarybar'), 'left', 1360 - chatWidthPx);
    await drag(page, page.locator('.part.sidebar'), 'right', treeWidthPx);
    const panel = page.locator('.part.auxiliarybar');
    const done = () => chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    const next = () => agent.newSession(chat);

    if (small) {
      await takeQuestion(agent, chat);
      await shoot('question', panel, 500);
      await chat.getByRole('button', { name: 'Answer' }).click();
      await done();
      await next();
      await workbench.runCommand('Greenroom: Select Mode');
      await workbench.quickPickRows('Plan').first().click();
      await takePlan(agent, chat);
      await shoot('plan', panel, 500);
      await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).click();
      await done();
      await next();
    }
    agent.model.play([{ reply: [say('Retries double their delay from 200 ms, at most five times.')] }]);
    await agent.send(chat, 'How do retries work?');
    await done();
    await next();
    agent.model.play([
      { reply: [call('Write', { file_path: file('CHANGELOG.md'), content: '# Changes\n\n- Seats are numbered.\n' })] },
    ]);
    await agent.send(chat, 'Start a changelog');
    await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).waitFor();
    await next();
    agent.model.play([
      {
        reply: [say('The upload test waits for a fixed time. I am looking at what it waits for. '.repeat(40))],
        pause: { atChunk: 12, until: release.promise },
      },
    ]);
    await agent.send(chat, 'Fix the flaky upload test');
    await chat.getByText('The upload test waits').waitFor();
    await next();

    agent.model.play([
      {
        reply: [
          think('One budget for everybody: a single busy client locks all others out. It has to be one per client.'),
          say('I will look at the limiter and at what tests it.'),
          call('Read', { file_path: file('src/rateLimiter.ts') }),
          call('Read', { file_path: file('test/rateLimiter.test.ts') }),
        ],
      },
      {
        reply: [
          say('All clients share **one budget**, so a busy one locks the others out. I will give each its own:'),
          call('Edit', {
            file_path: file('src/rateLimiter.ts'),
            old_string: limiterBefore,
            new_string: limiterAfter,
          }),
        ],
      },
      { reply: [say('Each client has a budget of its own now.')] },
    ]);
    await agent.send(chat, 'Limit requests per client, not for everybody together');
    const approve = chat.getByRole('button', { name: 'Approve', exact: true, disabled: false });
    await approve.waitFor();
    if (small) {
      await shoot('approval', panel);
    }
    await chat.getByRole('button', { name: 'Open diff' }).last().click();
    await page.locator('.monaco-diff-editor').first().waitFor();
    // The language server never ends its work on a text that is no file; hidden, as a person may hide it.
    await page.addStyleTag({ content: '.statusbar-item:has([aria-label*="Analyzing"]) { display: none !important }' });
    await page.waitForTimeout(1_500);
    await shoot(theme === 'dark' ? 'greenroom' : 'greenroom-light');
  } finally {
    release.resolve();
    await agent.stop();
  }
}

async function takeQuestion(agent: AgentWorkbench, chat: FrameLocator): Promise<void> {
  const question = {
    question: 'Where should the reservations be kept?',
    header: 'Storage',
    multiSelect: false,
    options: [
      { label: 'SQLite', description: 'One file beside the server, nothing to run' },
      { label: 'PostgreSQL', description: 'A server of its own, for several ticket desks at once' },
      { label: 'In memory', description: 'Gone after a restart; good enough for a trial' },
    ],
  };
  agent.model.play([
    {
      reply: [
        say('Seats are counted in `src/routes.ts` only, nothing is stored yet. One thing to decide first:'),
        call('AskUserQuestion', { questions: [question] }),
      ],
    },
    { reply: [say('SQLite it is.')] },
  ]);
  await agent.send(chat, 'Keep reservations over a restart');
  await chat.getByText('Where should the reservations be kept?').first().waitFor();
  await chat.getByRole('radio', { name: /SQLite/ }).check();
}

async function takePlan(agent: AgentWorkbench, chat: FrameLocator): Promise<void> {
  const plan = [
    '## Numbered seats',
    '',
    '1. **Model.** `src/seats.ts`: rows A to J with twelve seats each, `free`, `held` or `sold`.',
    '2. **Routes.** `GET /seats` lists them, `POST /seats/:id/hold` holds one for ten minutes.',
    '3. **Tests.** Two people want the same seat: the second is told so.',
    '',
    'Nothing else changes: the old route keeps its answer.',
  ].join('\n');
  agent.model.play([{ reply: [call('ExitPlanMode', { plan })] }, { reply: [say('The seats have numbers now.')] }]);
  await agent.send(chat, 'Give the seats numbers');
  await chat.getByText('Nothing else changes').first().waitFor();
}

/** The pictures show a project at a place where people keep theirs, not in a temporary folder. */
async function tidy(chat: FrameLocator, folder: string): Promise<void> {
  await chat.locator('body').evaluate((body, temporary) => {
    const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      node.nodeValue = (node.nodeValue ?? '').replaceAll(temporary, '/home/ada');
    }
  }, path.dirname(folder));
}

/** Moves the edge of a part by its sash. */
async function drag(page: Page, part: Locator, edge: 'left' | 'right', to: number): Promise<void> {
  const box = await part.boundingBox();
  if (box === null) {
    throw new Error('the part is not shown');
  }
  const x = edge === 'left' ? box.x - 1 : box.x + box.width + 1;
  await page.mouse.move(x, 300);
  await page.waitForTimeout(400);
  await page.mouse.down();
  await page.mouse.move(to, 300, { steps: 8 });
  await page.mouse.up();
}

function commit(folder: string): void {
  const git = (...args: string[]): void => {
    spawnSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', '-c', 'commit.gpgsign=false', ...args], {
      cwd: folder,
    });
  };
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'A ticket desk');
}

mkdirSync(images, { recursive: true });
await take('dark', true);
await take('light', false);
