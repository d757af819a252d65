import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Redactor } from '../../../../src/core/redact.ts';
import { endOfOutput, lastLineOf, plainText } from '../../../../src/core/shells/plainOutput.ts';

describe('the plain text of output', () => {
  it('has no escape codes: colours, titles, links, the clipboard, and what was cut short', () => {
    const cases = [
      ['\u001B[31mred\u001B[0m', 'red'],
      ['\u001B]0;title\u0007text', 'text'],
      ['\u001B]8;;https://x.test\u001B\\link\u001B]8;;\u001B\\', 'link'],
      ['\u001B]52;c;ZXZpbA==\u0007safe', 'safe'],
      ['a\u001B[2J\u001B[1;1Hb\u001B(B\u001B=c', 'abc'],
      ['bell\u0007 and\u0000 null\u009B31mx', 'bell and nullx'],
      ['end\u001B[', 'end'],
      ['end\u001B', 'end'],
    ];
    assert.deepEqual(
      cases.map(([text]) => plainText(text ?? '')),
      cases.map(([, plain]) => plain),
    );
  });

  it('is what a line looked like at last', () => {
    assert.equal(plainText('10 %\r20 %\r100 %\ndone\r\n'), '100 %\ndone\n');
    assert.equal(plainText('longer text\rshort'), 'short' + 'r text');
    assert.equal(plainText('abc\b\bX'), 'aXc');
    assert.equal(plainText('\b\bx'), 'x');
    assert.equal(plainText('half\r'), 'half');
  });

  it('never throws and has no control character, whatever came', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\u001B', '[', ']', '\r', '\b', '\n', '\u0007', 'm', '0', '日', '\u009B') }),
        (text) => {
          // eslint-disable-next-line no-control-regex -- these characters are what is looked for
          assert.doesNotMatch(plainText(text), /[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('is read in time that grows with its length', () => {
    const started = performance.now();
    plainText('\u001B]'.repeat(50_000) + '\r'.repeat(100_000) + 'x\r'.repeat(100_000));
    assert.ok(performance.now() - started < 2_000);
  });
});

describe('what is told at the end of a shell', () => {
  it('is the last characters, without secrets, even where the cut falls into one', () => {
    const key = `sk-${'a1'.repeat(20)}`;
    const told = endOfOutput(`x${'y'.repeat(5000)} ${key} end\n\n`, 30, new Redactor());
    assert.equal(told, `${'y'.repeat(15)} [redacted] end`);
    assert.equal(endOfOutput('the value is hunter2-hunter2', 12, new Redactor(['hunter2-hunter2'])), 's [redacted]');
  });

  it('begins with a whole character', () => {
    assert.equal(endOfOutput('🙂🙂', 3, new Redactor()), '🙂');
  });
});

describe('the last line', () => {
  it('is the newest that says something, as it looks, and short', () => {
    assert.equal(lastLineOf('one\n\u001B[32mtwo\u001B[0m  \n\n  \n', 80), 'two');
    assert.equal(lastLineOf('10 %\r55 %', 80), '55 %');
    assert.equal(lastLineOf('abcdef', 4), 'abc…');
    assert.equal(lastLineOf('\n \n', 80), undefined);
  });
});
