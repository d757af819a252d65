import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { cut, flatHtml, renderStreamed, renderWhole } from './markdownText.ts';
import { StreamedMarkdown } from '../../../src/webview/markdown/streamedMarkdown.ts';
import { parseTokens, renderTokens } from '../../../src/webview/markdown/parser.ts';
import { sanitise } from '../../../src/webview/markdown/sanitise.ts';

const isLong = process.env['GREENROOM_LONG'] !== undefined;
const spec = createRequire(import.meta.url)('commonmark-spec') as { tests: { markdown: string; number: number }[] };

/** Lines that meet each other in every way: each can end, go on with, or change what stands before it. */
const lines = [
  ...[
    '',
    '',
    '',
    'text',
    'more *text* here',
    '**bold',
    'ends**',
    '    indented',
    '\tindented by a tab',
    '> quoted',
    '>',
  ],
  ...['- item', '- ', '-', '* other', '+ third', '  under the item', '    deeper', '  - nested', '1. one', '2. two'],
  ...['10) ten', '   below one', '```', '```ts', '~~~', '  ```', '# heading', '#', '#no heading', '---', '***', '==='],
  ...[
    '| a | b |',
    '|---|---|',
    '| 1 | 2 |',
    '|:-:|--:|',
    '| only one',
    'a | b',
    '- | -',
    '[foo]: /url "title"',
    '[foo]',
  ],
  ...['[foo]: <https://example.com>', "[bar]: https://example.com 'multi", "line'", '[bar][], [foo][bar] and [Foo]'],
  ...[
    '> [foo]: /quoted',
    '`code` and `src/a.ts:3`',
    'https://example.com and README.md',
    '![pic](x.png)',
    '<b>html</b>',
  ],
  ...[
    'hard  ',
    'break\\',
    '&amp; &#35; \\*',
    '- [ ] task',
    '- [x] done',
    '- a\n\n  b',
    '1. > - deep\n   >   more',
    '\r\nx\r',
  ],
];
const document_ = fc.array(fc.oneof(fc.constantFrom(...lines), fc.string({ maxLength: 8 })), { maxLength: 14 });
const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

describe('streamed Markdown', () => {
  it('is, at its end, what rendering the whole text gives', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(document_, lengths, fc.constantFrom(0, 1_500), (rows, sizes, splitLength) => {
        const text = rows.join('\n');
        assert.equal(renderStreamed(cut(text, sizes), splitLength), renderWhole(text));
      }),
      { numRuns: isLong ? 5_000 : 400 },
    );
  });

  it('takes what turns out to be the title of a link definition into the quote or list before it', function () {
    this.timeout(60_000);
    for (const text of ['> [foo]: /quoted\n"\n"', '- [foo]: /item\n"\n"', "> > [foo]: /deep\n'\nx'\n\n[foo]"]) {
      assert.equal(renderStreamed(cut(text, [1]), 1_500), renderWhole(text));
      assert.equal(renderStreamed(cut(text, [1]), 0), renderWhole(text));
    }
  });

  it('renders the examples of CommonMark like the whole, streamed in small pieces', function () {
    this.timeout(60_000);
    const sizes = isLong ? [1, 2, 3, 7] : [3];
    for (const { markdown, number } of spec.tests) {
      const whole = renderWhole(markdown);
      for (const size of sizes) {
        const streamed = renderStreamed(cut(markdown, [size]));
        assert.equal(streamed, whole, `example ${String(number)}, pieces of ${String(size)}`);
      }
    }
  });

  it('renders the examples of CommonMark as markdown-it does, where sanitising changes nothing', () => {
    const plain = new MarkdownIt({ html: false, linkify: true });
    plain.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
    let compared = 0;
    for (const { markdown, number } of spec.tests) {
      const expected = document.createElement('div');
      expected.innerHTML = plain.render(markdown);
      const sanitised = document.createElement('div');
      sanitised.append(sanitise(plain.render(markdown)));
      if (sanitised.innerHTML === expected.innerHTML) {
        compared += 1;
        const ours = document.createElement('div');
        ours.append(sanitise(renderTokens(parseTokens(markdown, {}))));
        assert.equal(flatHtml(ours), flatHtml(expected), `example ${String(number)}`);
      }
    }
    assert.ok(compared > 450, `only ${String(compared)} examples were compared`);
  });

  it('leaves finished blocks alone', () => {
    const markdown = new StreamedMarkdown();
    markdown.append('first\n\nsecond\n\nthird');
    markdown.flush();
    const [first] = markdown.element.querySelectorAll('p');
    markdown.append(' goes on\n\n- a\n- b\n');
    markdown.flush();
    assert.equal(markdown.element.querySelector('p'), first);
  });

  it('applies a link that is defined later to what was finished before', () => {
    const html = renderStreamed(['see [docs]\n\nnext\n\n', '[docs]: https://example.com\n\nend']);
    assert.match(html, /<p>see <a href="https:\/\/example\.com"/);
  });

  it('makes all items of a list loose when a blank line comes late', () => {
    const items = Array.from({ length: 30 }, (_, index) => `- item ${String(index)}`).join('\n');
    const html = renderStreamed(cut(`${items}\n\n- last`, [5]));
    assert.equal(html.match(/<li><p>/g)?.length, 31);
  });

  it('keeps the document small steps away from the text: every prefix of a long list shows all its items', function () {
    this.timeout(60_000);
    const markdown = new StreamedMarkdown();
    for (let index = 0; index < 400; index++) {
      markdown.append(`- item ${String(index)} with some words\n`);
      while (!markdown.flush()) {
        // Time passes.
      }
      assert.equal(markdown.element.querySelectorAll('li').length, index + 1);
    }
  });
});
