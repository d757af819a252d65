import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyChange } from '../../../../src/core/proposedEdit.ts';
import { addingGuest, guestName, guestsOf, newGuests } from '../../../../src/runtimes/demo/guestList.ts';

const added = (text: string, guest: string): string | undefined => {
  const call = addingGuest(text, guest);
  assert.equal(call.tool, 'Edit');
  return call.tool === 'Edit'
    ? applyChange(text, { path: 'x', replacements: [{ oldText: call.oldText, newText: call.newText, all: false }] })
    : undefined;
};

describe('the guest list of the demo', () => {
  it('gets a guest at its end, whatever it holds', () => {
    const line = fc.constantFrom('Ada', 'Ada Lovelace', '', ' ', 'Lovelace', '李雷');
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.boolean(), (lines, newline, isClosed) => {
        const text = lines.join(newline) + (isClosed ? newline : '');
        assert.equal(added(text, 'New'), `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}New\n`);
      }),
    );
  });

  it('is edited by its last line alone where that stands once', () => {
    assert.deepEqual(addingGuest('a\nb\n', 'c'), {
      tool: 'Edit',
      file: 'guests.txt',
      oldText: 'b\n',
      newText: 'b\nc\n',
    });
    const doubled = addingGuest('b\na\nb\n', 'c');
    assert.equal(doubled.tool === 'Edit' && doubled.oldText, 'a\nb\n');
  });

  it('always has names that are not on it', () => {
    const everybody: string[] = [];
    for (let round = 0; round < 30; round++) {
      const fresh = newGuests(everybody, 3);
      assert.equal(new Set([...everybody, ...fresh]).size, everybody.length + 3);
      everybody.push(fresh[0] ?? '');
    }
    assert.deepEqual(guestsOf('a\r\n\r\n b\n'), ['a', ' b']);
  });

  it('takes a name of the person as one line without hidden characters', () => {
    assert.equal(guestName(' Ada\n\tLovelace '), 'Ada Lovelace');
    assert.equal(guestName('a\u202eb'), 'a\\u{202E}b');
    assert.equal(guestName(' \n '), undefined);
    assert.equal(guestName('x'.repeat(500))?.length, 60);
  });
});
