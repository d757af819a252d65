import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RuntimeEvent } from '../../../../src/core/sessionEvents.ts';
import { EventMapper } from '../../../../src/runtimes/claudeCode/eventMapper.ts';
import { fixtures, type Line, readLines, recordings, replay } from './replay.ts';

/** The text blocks that the main agent's complete lines hold: what has to be seen, once each. */
function wholeTexts(lines: readonly Line[]): string {
  return lines
    .filter((line) => line['type'] === 'assistant' && line['parent_tool_use_id'] === null)
    .flatMap((line) => (line['message'] as { content: { type: string; text?: string }[] }).content)
    .map((block) => (block.type === 'text' ? block.text : ''))
    .join('');
}

function textOf(events: readonly RuntimeEvent[]): string {
  return events.map((event) => (event.type === 'textDelta' && event.parentId === undefined ? event.text : '')).join('');
}

describe('Recorded streams of Claude Code', () => {
  for (const name of recordings()) {
    it(`become the same events as ever: ${name}`, () => {
      const file = path.join(fixtures, `${name}.events.jsonl`);
      const events = JSON.parse(JSON.stringify(replay(readLines(name)))) as RuntimeEvent[];
      if (process.env['UPDATE_FIXTURES'] === '1') {
        writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      }
      const expected = readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
      assert.deepEqual(events, expected);
    });

    it(`keep the rules of every stream: ${name}`, () => {
      const lines = readLines(name);
      const mapper = new EventMapper({ resumed: false });
      const events = replay(lines, mapper);
      const prompts = lines.filter((line) => line['did'] === 'prompt').length;
      const begun = events.filter((event) => event.type === 'turnStarted').length;
      const ended = events.filter((event) => event.type === 'turnComplete' || event.type === 'turnCancelled').length;
      assert.equal(ended, prompts + begun, 'every turn ends once');
      const started = events.filter((event) => event.type === 'toolCallStarted').map(({ id }) => id);
      const results = events.filter((event) => event.type === 'toolResult').map(({ id }) => id);
      assert.deepEqual([...results].sort(), [...started].sort(), 'every call has one result');
      // The old version tells nothing of a text that was interrupted; a cut one begins anew.
      if (!name.startsWith('cut-') && name !== 'interruptText-2.0.77') {
        assert.equal(textOf(events), wholeTexts(lines), 'every text is seen once');
      }
      assert.equal(mapper.unknownLines, 0, 'every line is known');
    });
  }
});
