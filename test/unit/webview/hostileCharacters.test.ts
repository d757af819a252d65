import assert from 'node:assert/strict';
import fc from 'fast-check';
import './document.ts';
import { parseAnsi } from '../../../src/webview/ansi.ts';
import { markHidden, visibleString } from '../../../src/webview/visibleText.ts';

describe('text of programs', () => {
  it('shows control, direction and zero-width characters by name', () => {
    assert.equal(visibleString('a\u0000b\u001bc\u007fd'), 'a‹\u2400›b‹\u241b›c‹\u2421›d');
    assert.equal(visibleString('x\u202ey\u2066z\u200b\ufeff\u00ad'), 'x‹U+202E›y‹U+2066›z‹U+200B›‹U+FEFF›‹U+00AD›');
    assert.equal(visibleString('\u{e0041}\ud800'), '‹U+E0041›‹U+D800›');
  });

  it('leaves line breaks, tabs, emoji and every script as they are', () => {
    const text = 'a\n\tb 👩‍👩‍👧 👍🏽 日本語 العربية हिन्दी é';
    assert.deepEqual(markHidden(text), [text]);
  });

  it('never loses a visible character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const kept = markHidden(text)
          .filter((part) => typeof part === 'string')
          .join('');
        const visible = [...text].filter((character) => /[\p{L}\p{N}\p{P}\p{S}\n\t ]/u.test(character)).join('');
        const keptVisible = [...kept].filter((character) => /[\p{L}\p{N}\p{P}\p{S}\n\t ]/u.test(character)).join('');
        // Fillers are letters to Unicode, and invisible all the same.
        assert.equal(keptVisible, visible.replace(/[\u115f\u1160\u3164\uffa0]/gu, ''));
      }),
    );
  });
});

describe('output of a terminal', () => {
  const plainText = (output: string): string =>
    parseAnsi(output)
      .map(({ text }) => text)
      .join('');

  it('keeps colours and styles', () => {
    assert.deepEqual(parseAnsi('\u001b[1;31merror\u001b[0m: \u001b[92mok\u001b[39m.'), [
      { text: 'error', style: 'ansi-red ansi-bold' },
      { text: ': ', style: '' },
      { text: 'ok', style: 'ansi-bright-green' },
      { text: '.', style: '' },
    ]);
  });

  it('takes the sixteen colours of the large palettes and passes over the others', () => {
    assert.deepEqual(parseAnsi('\u001b[38;5;9ma\u001b[38;5;200mb\u001b[38;2;1;2;3mc\u001b[48;5;4md'), [
      { text: 'a', style: 'ansi-bright-red' },
      { text: 'b', style: '' },
      { text: 'c', style: '' },
      { text: 'd', style: 'ansi-on-blue' },
    ]);
  });

  it('leaves out everything that moves the cursor, links, or writes the clipboard', () => {
    assert.equal(plainText('\u001b[2J\u001b[10;10Ha\u001b]8;;https://x.test\u001b\\b\u001b]8;;\u0007c'), 'abc');
    assert.equal(plainText('a\u001b]52;c;ZXZpbA==\u0007b\u001b]0;title\u0007c\u001bP1$r\u001b\\d\u001b(Be'), 'abcde');
    assert.equal(plainText('a\u009b31mb\u009d0;title\u009cc'), 'abc');
  });

  it('shows what a carriage return leaves standing', () => {
    assert.equal(plainText('10 %\r50 %\r100 %\ndone\r\n'), '100 %\ndone\n');
    assert.equal(plainText('kept\r'), 'kept');
  });

  it('leaves no escape character behind for any input', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('\u001b', '[', ']', '31', ';', 'm', 'x', '\u0007', '\\', '8', '\r')),
        (pieces) => {
          const shown = parseAnsi(pieces.join(''))
            .map(({ text }) => visibleString(text))
            .join('');
          assert.equal(shown.includes('\u001b'), false);
        },
      ),
    );
  });
});
