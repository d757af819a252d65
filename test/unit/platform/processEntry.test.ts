import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePs, parsePsMarks, parseStat, parseWindowsTable } from '../../../src/platform/processEntry.ts';

describe('What systems tell of a process', () => {
  const stat = (name: string, state = 'S') =>
    `42 (${name}) ${state} 7 42 40 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 1000 2 18446744073709551615`;

  it('is understood on Linux, whatever the program is called', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), (name) => {
        assert.deepEqual(parseStat(stat(name)), {
          pid: 42,
          parent: 7,
          group: 42,
          session: 40,
          zombie: false,
          startTime: '123456',
          name,
        });
      }),
    );
    assert.equal(parseStat(stat(') Z 1 (', 'Z'))?.zombie, true);
    assert.equal(parseStat(''), undefined);
    assert.equal(parseStat('42 (half) S 7'), undefined);
  });

  it('is understood on macOS', () => {
    const text = [
      '    1     0     1 Ss   Fri Nov 20 07:56:53 2026     launchd',
      '  812     1   812 Z    Fri Nov  6 23:00:00 2026     (Google Chrome He)',
      'garbage',
      '',
    ].join('\n');
    const common = { session: -1 };
    assert.deepEqual(parsePs(text), [
      { ...common, pid: 1, parent: 0, group: 1, zombie: false, startTime: '1795161413', name: 'launchd' },
      { ...common, pid: 812, parent: 1, group: 812, zombie: true, startTime: '1794006000', name: '(Google Chrome He)' },
    ]);
  });

  it('has the mark among the words of its environment on macOS', () => {
    const text = [
      '  812 sleep 9 PATH=/bin MARK=host.one HOME=/',
      '  813 sleep 9 OTHER_MARK=no',
      '  814 echo XMARK=no',
      '',
    ].join('\n');
    assert.deepEqual([...parsePsMarks(text, 'MARK')], [[812, 'host.one']]);
  });

  it('is understood on Windows', () => {
    assert.deepEqual(parseWindowsTable('4 0  System\r\n812 4 638999999999999999 Code Helper.exe\r\n'), [
      {
        pid: 812,
        parent: 4,
        group: -1,
        session: -1,
        zombie: false,
        startTime: '638999999999999999',
        name: 'Code Helper.exe',
      },
    ]);
  });
});
