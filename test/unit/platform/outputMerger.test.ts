import assert from 'node:assert/strict';
import { OutputMerger } from '../../../src/platform/outputMerger.ts';

describe('OutputMerger', () => {
  function merge(steps: readonly (readonly ['out' | 'err', string])[]): string {
    let text = '';
    const merger = new OutputMerger((bytes) => {
      text += Buffer.from(bytes).toString();
    });
    for (const [from, piece] of steps) {
      if (from === 'out') {
        merger.output(Buffer.from(piece));
      } else {
        merger.errorOutput(Buffer.from(piece));
      }
    }
    merger.flush();
    return text;
  }

  it('puts error output between lines, never inside one', () => {
    assert.equal(
      merge([
        ['out', '{"a"'],
        ['err', 'oh\n'],
        ['out', ':1}\n{"b"'],
        ['out', ':2}\n'],
      ]),
      '{"a":1}\noh\n{"b":2}\n',
    );
    assert.equal(
      merge([
        ['out', 'a\n'],
        ['err', 'x\n'],
        ['out', 'b\n'],
      ]),
      'a\nx\nb\n',
    );
  });

  it('keeps the pieces of an error line together', () => {
    assert.equal(
      merge([
        ['err', 'one '],
        ['out', 'a\n'],
        ['err', 'two\n'],
      ]),
      'a\none two\n',
    );
  });

  it('holds back only so much', () => {
    const much = 'e'.repeat(300_000);
    assert.equal(
      merge([
        ['out', 'half'],
        ['err', much],
        ['out', ' line\n'],
      ]),
      `half${much} line\n`,
    );
  });
});
