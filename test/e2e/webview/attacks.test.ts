import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { StreamedMarkdown } from '../../../src/webview/markdown/streamedMarkdown.ts';
import { attacks } from './attacks.ts';
import { PanelPage, startBrowser } from './harness.ts';
import { approval, assistant, question, toolCall, user } from './samples.ts';

/** Runs in the page: what in `root` should not be there. */
function findDangers(rootSelector: string): string[] {
  const tags = new Set(
    (
      'DIV P BR HR H1 H2 H3 H4 H5 H6 STRONG EM S BLOCKQUOTE UL OL LI PRE CODE SPAN A TABLE THEAD TBODY TR TH TD ' +
      'BUTTON svg path ARTICLE MAIN SECTION FIELDSET LEGEND LABEL INPUT TEXTAREA DL DT DD DETAILS SUMMARY H2 KBD'
    ).split(' '),
  );
  const attributes = new Set(
    (
      'class href title rel start role tabindex aria-label aria-hidden aria-live aria-expanded aria-controls aria-labelledby aria-describedby ' +
      'aria-autocomplete type data-path data-line data-sign data-index data-state id hidden open disabled d viewBox name ' +
      'placeholder rows spellcheck style'
    ).split(' '),
  );
  const dangers: string[] = [];
  for (const root of document.querySelectorAll(rootSelector)) {
    for (const element of root.querySelectorAll('*')) {
      if (!tags.has(element.tagName)) {
        dangers.push(`element ${element.tagName}`);
      }
      for (const { name, value } of element.attributes) {
        const isOurStyle = name === 'style' && element.tagName === 'TEXTAREA';
        if (name.startsWith('on') || !attributes.has(name) || (name === 'style' && !isOurStyle)) {
          dangers.push(`attribute ${name}="${value}"`);
        }
        if (name === 'href' && !/^(?:https?|mailto):/i.test(value)) {
          dangers.push(`address ${value}`);
        }
      }
      if (element instanceof HTMLAnchorElement && element.href !== '' && !/^(?:https?|mailto):/.test(element.href)) {
        dangers.push(`resolved address ${element.href}`);
      }
    }
  }
  return dangers;
}

describe('hostile text', () => {
  let browser: Browser;
  let panel: PanelPage;
  before(async () => {
    browser = await startBrowser();
    panel = await PanelPage.open(browser);
    await panel.addProbe();
  });
  after(() => browser.close());

  const assertHarmless = async (): Promise<void> => {
    await panel.page.waitForTimeout(100);
    assert.deepEqual(await panel.executed(), []);
    assert.deepEqual(panel.foreignRequests, []);
    assert.deepEqual(panel.errors, []);
    assert.equal(panel.page.url(), 'https://panel.test/');
    const paths = await panel.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-path]')].map(({ dataset }) => dataset['path'] ?? ''),
    );
    assert.deepEqual(
      paths.filter((path) => /^(?:[\\/]{2}|[a-z][a-z0-9+.-]+:)/i.test(path)),
      [],
    );
  };

  it('is plenty', () => {
    assert.ok(new Set(attacks).size >= 388, String(attacks.length));
  });

  it('would be found out: what a careless renderer makes of it does not pass', async () => {
    const careless = await PanelPage.open(browser);
    const passed = await careless.page.evaluate(
      (texts) =>
        texts.filter((text) => {
          const place = document.createElement('template');
          place.innerHTML = text;
          return place.content.querySelector('script, iframe, [onerror], [onload], [style], [src], form') !== null;
        }).length,
      attacks,
    );
    // The policy stands behind the renderer; its complaints would be seen too.
    assert.ok(careless.errors.length > 0);
    await careless.close();
    assert.ok(passed > 60, String(passed));
  });

  for (const size of [1, 7, 23, 64, Infinity]) {
    const name = size === Infinity ? 'as a whole' : `in pieces of ${String(size)}`;
    it(`runs nothing, asks for nothing and shows no dangerous element when it is streamed ${name}`, async () => {
      await panel.page.evaluate(
        ({ texts, length }) => {
          const Markdown = (globalThis as unknown as { StreamedMarkdown: typeof StreamedMarkdown }).StreamedMarkdown;
          const place = document.createElement('div');
          place.className = 'attacked';
          document.querySelector('.attacked')?.remove();
          document.body.append(place);
          for (const text of texts) {
            const markdown = new Markdown({ splitLength: 0 });
            place.append(markdown.element);
            for (let start = 0; start < text.length; start += length) {
              markdown.append(text.slice(start, start + length));
              markdown.flush();
            }
            markdown.finish();
          }
        },
        { texts: attacks, length: Math.min(size, 1_000_000) },
      );
      assert.deepEqual(await panel.page.evaluate(findDangers, '.attacked'), []);
      await assertHarmless();
    });
  }

  it('leads nowhere when every link and button of it is clicked', async () => {
    const links = await panel.page.evaluate((texts) => {
      const Markdown = (globalThis as unknown as { StreamedMarkdown: typeof StreamedMarkdown }).StreamedMarkdown;
      const targets = new Set<string>();
      for (const text of texts) {
        const markdown = new Markdown();
        markdown.append(text);
        markdown.finish();
        document.body.append(markdown.element);
        for (const link of markdown.element.querySelectorAll<HTMLElement>('a, button, [data-path]')) {
          const stop = (event: Event): void => {
            targets.add((event.target as Element).closest('a')?.href ?? '');
            event.preventDefault();
          };
          document.addEventListener('click', stop, { once: true });
          link.click();
          document.removeEventListener('click', stop);
        }
        markdown.element.remove();
      }
      return [...targets];
    }, attacks);
    assert.deepEqual(
      links.filter((target) => target !== '' && !/^(?:https?|mailto):/.test(target)),
      [],
    );
    await assertHarmless();
  });

  it('is text wherever else the panel shows it', async () => {
    for (let start = 0; start < attacks.length; start += 40) {
      const some = attacks.slice(start, start + 40);
      await panel.snapshot(
        some
          .flatMap((text, index) => [
            user(text),
            assistant(
              { type: 'reasoning', text },
              toolCall({
                id: `${String(start)}-${String(index)}`,
                name: text,
                title: text,
                inputText: JSON.stringify({ text }),
                output: text,
                decision: text,
              }),
              { type: 'notice', level: 'error', text, details: text, actions: [{ id: 'retry', label: text }] },
              { type: 'image', mediaType: text },
            ),
          ])
          .slice(0, 60),
        {
          header: {
            name: text(some),
            runtimeName: text(some),
            model: text(some),
            status: text(some),
            reason: text(some),
            commands: [text(some)],
            queued: [{ id: 'q', text: text(some) }],
            state: 'running',
            pending: [
              {
                ...(approval as Extract<typeof approval, { kind: 'approval' }>),
                toolName: text(some),
                subject: text(some),
                reason: text(some),
              },
              { kind: 'plan', id: 'plan', plan: text(some) },
              {
                ...question,
                kind: 'question',
                id: 'q',
                questions: [
                  {
                    question: text(some),
                    multiSelect: false,
                    options: [{ label: text(some), description: text(some) }],
                  },
                ],
              },
            ],
          },
          draft: text(some),
        },
      );
      await panel.page.evaluate(() => {
        document.querySelectorAll<HTMLElement>('.toolRow').forEach((row) => row.click());
      });
      await panel.page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
      await panel.settle();
      assert.deepEqual(await panel.page.evaluate(findDangers, '.panel'), []);
    }
    await assertHarmless();
  });
});

function text(some: readonly string[]): string {
  return some.find((candidate) => candidate.includes('<')) ?? some[0] ?? '';
}
