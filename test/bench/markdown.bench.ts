import { type Bench, type BenchRow, median } from './bench.ts';
import type { StreamedMarkdown } from '../../src/webview/markdown/streamedMarkdown.ts';
import { PanelPage, startBrowser } from '../e2e/webview/harness.ts';

const rounds = 3;
const flushLength = 256;

interface Measured {
  readonly totalMs: number;
  readonly p99Ms: number;
  /** The last quarter's time by the first's: 1 where work does not grow with what is shown. */
  readonly growth: number;
}

/** Prose, lists, tables and code in the proportions of an agent's answers. */
function sample(length: number): string {
  let text = '';
  for (let index = 0; text.length < length; index++) {
    text += `## Section ${String(index)}\n\nThe **retry loop** in \`src/net/retry${String(index)}.ts:41\` drops the last error, so that the
test depends on the scheduler. See [the guide](https://example.com/${String(index)}) for *why* this matters.\n\n`;
    text +=
      '- first point with `code`\n- second point\n  - nested point\n- third point, somewhat longer than the others\n\n';
    text += '```ts\nexport function f(a: number): number {\n  return a + 1; // one more\n}\n```\n\n';
    text += index % 3 === 0 ? '| a | b |\n|---|--:|\n| one | 1 |\n| two | 2 |\n\n' : '> a remark\n\n';
  }
  return text.slice(0, length);
}

/** Runs in the page: streams `text` and lays out after each piece, as a panel that follows the end does. */
function measure({ text, kind, length }: { text: string; kind: 'floor' | 'ours'; length: number }): Measured {
  const scroller = document.createElement('div');
  scroller.style.cssText = 'width:480px;height:700px;overflow:auto;position:fixed;inset:0';
  document.body.append(scroller);
  const Markdown = (globalThis as unknown as { StreamedMarkdown: typeof StreamedMarkdown }).StreamedMarkdown;
  const markdown = kind === 'ours' ? new Markdown({ restFactor: 0 }) : undefined;
  if (markdown !== undefined) {
    scroller.append(markdown.element);
  }
  let group = scroller;
  let block: Text | undefined;
  const plain = (piece: string): void => {
    for (const [index, part] of piece.split('\n\n').entries()) {
      if (index > 0 || block === undefined) {
        if (group === scroller || group.childElementCount >= 32) {
          group = document.createElement('div');
          scroller.append(group);
        }
        block = document.createTextNode('');
        const paragraph = document.createElement('p');
        paragraph.append(block);
        group.append(paragraph);
      }
      block.appendData(part);
    }
  };
  const times: number[] = [];
  for (let start = 0; start < text.length; start += length) {
    const began = performance.now();
    const piece = text.slice(start, start + length);
    if (markdown === undefined) {
      plain(piece);
    } else {
      markdown.append(piece);
      markdown.flush();
    }
    scroller.scrollTop = scroller.scrollHeight;
    times.push(performance.now() - began);
  }
  const began = performance.now();
  markdown?.finish();
  times.push(performance.now() - began);
  scroller.remove();
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const quarter = Math.floor(times.length / 4);
  return {
    totalMs: sum(times),
    p99Ms: times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0,
    growth: sum(times.slice(-quarter)) / sum(times.slice(0, quarter)),
  };
}

/** The ratios hold what was reached on a busy machine with two cores, with room for its moods. */
const shapes: readonly { readonly name: string; readonly text: string; readonly maxRatio: number }[] = [
  { name: '200 KB', text: sample(200_000), maxRatio: 9 },
  { name: '1 MB', text: sample(1_000_000), maxRatio: 8 },
  { name: '100 KB in one list', text: '- an item with **bold** text and `code`\n'.repeat(2_500), maxRatio: 3 },
  {
    name: '100 KB in one table',
    text: `| a | b |\n|---|---|\n${'| one cell | another cell |\n'.repeat(3_700)}`,
    maxRatio: 6,
  },
  {
    name: '100 KB in one fence',
    text: `\`\`\`\n${'const value = compute(1, 2, 3);\n'.repeat(3_200)}\`\`\`\n`,
    maxRatio: 1,
  },
  // Nothing of an open paragraph can be finished: the panel renders it less often the longer it is, which is not measured here.
  { name: '25 KB in one paragraph', text: 'words and *words* '.repeat(1_400), maxRatio: 20 },
];

export const bench: Bench = {
  name: 'streamed Markdown',
  async run() {
    const browser = await startBrowser();
    try {
      const panel = await PanelPage.open(browser, { width: 480 });
      await panel.addProbe();
      const rows: BenchRow[] = [];
      for (const { name, text, maxRatio } of shapes) {
        const floor: Measured[] = [];
        const ours: Measured[] = [];
        for (let round = 0; round < rounds; round++) {
          floor.push(await panel.page.evaluate(measure, { text, kind: 'floor' as const, length: flushLength }));
          ours.push(await panel.page.evaluate(measure, { text, kind: 'ours' as const, length: flushLength }));
        }
        const of = (results: readonly Measured[], key: keyof Measured): number =>
          median(results.map((result) => result[key]));
        rows.push(
          {
            name,
            value: of(ours, 'totalMs'),
            unit: 'ms',
            baseline: of(floor, 'totalMs'),
            baselineName: 'plain text per block',
            maxRatio,
          },
          {
            name: `${name}: p99 of a flush`,
            value: of(ours, 'p99Ms'),
            unit: 'ms',
            baseline: of(floor, 'p99Ms'),
            baselineName: 'plain text per block',
          },
          {
            name: `${name}: last quarter by the first`,
            value: of(ours, 'growth'),
            unit: 'x',
            baseline: 1,
            baselineName: 'no growth',
          },
        );
      }
      return rows;
    } finally {
      await browser.close();
    }
  },
};
