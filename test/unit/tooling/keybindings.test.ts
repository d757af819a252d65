import assert from 'node:assert/strict';
import { canHoldTogether, keysCollide, parseKeybindings } from '../../support/keybindings.ts';

/** The judge of `test/e2e/keybindings.test.ts`, which asks a real workbench. */
describe('The judge of keybindings', () => {
  const places = new Map([
    ['editorTextFocus', 'an editor'],
    ['terminalFocus', 'a terminal'],
    ['inputFocus', 'an editor'],
  ]);

  it('takes the same keys, and a key on the way to a chord, for a collision', () => {
    assert.deepEqual(
      [
        keysCollide('ctrl+k g', 'ctrl+k g'),
        keysCollide('ctrl+k g', 'ctrl+k'),
        keysCollide('ctrl+k', 'ctrl+k g'),
        keysCollide('ctrl+k g', 'ctrl+k ctrl+g'),
        keysCollide('ctrl+k', 'ctrl+kk'),
      ],
      [true, true, true, false, false],
    );
  });

  it('takes conditions for apart only where they contradict each other, or name two places of the keyboard', () => {
    const apart: readonly (readonly [string | undefined, string | undefined])[] = [
      ['a && b', '!a'],
      ["a == 'x'", "a == 'y'"],
      ['a == x', "a != 'x'"],
      ['!a', "a == 'x'"],
      ['!a', 'a =~ /x/'],
      ["a == 'xz'", String.raw`a =~ /^y \|\| && z$/`],
      ['editorTextFocus', 'terminalFocus && b'],
      ["focusedView == 'v'", 'editorTextFocus'],
      ["focusedView == 'v'", "focusedView == 'w'"],
      [undefined, 'false'],
      ['a || b', '!a && !b'],
    ];
    const together: typeof apart = [
      [undefined, undefined],
      [undefined, 'editorTextFocus'],
      ['a', 'b'],
      ['a || b', '!a'],
      ["a == 'x'", 'a =~ /^X$/i'],
      ["a == 'x && y'", "a != 'x'"],
      ['editorTextFocus', 'inputFocus'],
      ['!terminalFocus', 'editorTextFocus'],
      ['a in b', 'a not in c && d > 3'],
    ];
    const judged = (pairs: typeof apart) => pairs.filter(([a, b]) => canHoldTogether(a, b, places));
    assert.deepEqual([judged(apart), judged(together)], [[], together]);
    assert.throws(() => canHoldTogether('(a || b) && c', undefined, places), /parentheses/);
  });

  it('reads the list of the workbench', () => {
    const text =
      '// About.\n[\n{ "key": "f2", "command": "a",\n  "when": "b" }\n]\n\n// Here are other available commands:\n// - c';
    assert.deepEqual(parseKeybindings(text), [{ key: 'f2', command: 'a', when: 'b' }]);
  });
});
