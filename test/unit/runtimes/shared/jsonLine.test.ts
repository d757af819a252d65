import assert from 'node:assert/strict';
import { readJsonLine } from '../../../../src/runtimes/shared/jsonLine.ts';

const event = { type: 'assistant', text: 'a } b { c \u009b' };
const json = JSON.stringify(event);

describe('readJsonLine', () => {
  const cases: readonly (readonly [what: string, line: string, text: string, found: boolean])[] = [
    ['an event', json, '', true],
    ['an event behind an echoed key', `^C${json}`, '', true],
    [
      'an event behind the reset of an old version',
      `\x1b[?1006l\x1b(B\x0f\x1b[>4m\x1b[<u\x1b]0;\x07\x1b[?25h${json}`,
      '',
      true,
    ],
    ['an event before escape codes', `${json}\x1b[?25h\x1b7\x1b8`, '', true],
    ['an event behind an error message', `warning: odd${json}`, 'warning: odd', true],
    ['an event behind a message that holds an object', `note {"a":1} ${json}`, 'note {"a":1}', true],
    [
      'a message that holds an object',
      '[claude-code:unrecognized_model] {"model":"x"}',
      '[claude-code:unrecognized_model] {"model":"x"}',
      false,
    ],
    ['an object without a type', '{"a":1}', '{"a":1}', false],
    ['an event that is cut', json.slice(0, -4), json.slice(0, -4), false],
    ['words', '\x1b[31mError: no\x1b[0m', 'Error: no', false],
    ['nothing but noise', '\x1b[?25h', '', false],
    ['an empty line', '', '', false],
  ];
  for (const [what, line, text, found] of cases) {
    it(`reads ${what}`, () => {
      const read = readJsonLine(line);
      if (what.includes('holds an object') && found) {
        // The object is no event; the real one behind it is found.
        assert.deepEqual(read.event, event);
      }
      assert.deepEqual([read.text, read.event], [text, found ? event : undefined]);
      assert.equal(read.json, found ? json : undefined);
    });
  }
});
