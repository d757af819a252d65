import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  bgDroppedText,
  bgHelp,
  bgList,
  bgMovedText,
  bgResumedText,
  parseBgCommand,
} from '../../../src/core/bgCommand.ts';
import type { SessionInfo } from '../../../src/core/sessionInfo.ts';

const info = (slot: number, state: SessionInfo['state'], summary: string): SessionInfo => ({
  id: `${slot}2345678-0000-4000-8000-000000000000`,
  shortId: `${slot}2345678`,
  name: summary,
  summary,
  runtime: 'fake',
  place: 'background',
  slot,
  state,
  attention: [],
  cwd: '/w',
  createdAt: 1_000_000 - slot * 3_600_000,
  queued: [],
});

describe('/bg', () => {
  it('takes its five forms', () => {
    const forms: Record<string, unknown> = {
      '': { kind: 'background' },
      '   ': { kind: 'background' },
      help: { kind: 'help' },
      '-h': { kind: 'help' },
      '--help': { kind: 'help' },
      list: { kind: 'list' },
      ' ls ': { kind: 'list' },
      '3': { kind: 'resume', slot: 3 },
      '+3': { kind: 'resume', slot: 3 },
      '0': { kind: 'resume', slot: 0 },
      '007': { kind: 'resume', slot: 7 },
      'drop 2': { kind: 'drop', slot: 2 },
      'drop   +2': { kind: 'drop', slot: 2 },
      'drop 0': { kind: 'drop', slot: 0 },
    };
    assert.deepEqual(Object.fromEntries(Object.keys(forms).map((form) => [form, parseBgCommand(form)])), forms);
  });

  it('answers everything else with help', () => {
    for (const other of [
      '/list',
      '/drop 2',
      'drop',
      'drop x',
      '-1',
      'LIST',
      'Help',
      'list 1',
      'drop 1 2',
      '1 2',
      '1.5',
      '1e3',
      '0x1',
      '٣',
      'drop -1',
      '99999999999999999999',
      '++1',
      'two words',
    ]) {
      assert.deepEqual(parseBgCommand(other), { kind: 'help' }, other);
    }
  });

  it('never throws, and reads any number that it can hold', () => {
    fc.assert(
      fc.property(fc.string(), (text) =>
        ['background', 'list', 'resume', 'drop', 'help'].includes(parseBgCommand(text).kind),
      ),
      { numRuns: 3_000 },
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), (slot) => assert.deepEqual(parseBgCommand(` ${slot} `), { kind: 'resume', slot })),
    );
  });

  it('lists the slots in columns, or says that there are none', () => {
    assert.equal(bgList([], 0), 'No background sessions.');
    assert.equal(
      bgList([info(1, 'running', 'Fix the login'), info(2, 'done', 'Docs')], 1_000_000),
      [
        '#  ID        State    Created  Summary',
        '1  12345678  running  1h       Fix the login',
        '2  22345678  done     2h       Docs',
      ].join('\n'),
    );
  });

  it('says what it did', () => {
    assert.equal(
      bgMovedText('abcdef01-1', info(2, 'running', 'x')),
      'New foreground session [abcdef01]\nBackground: [#2] 22345678 (state: running)',
    );
    assert.equal(bgResumedText(2, 'abcdef01-1', undefined), 'Resumed background [#2] abcdef01');
    assert.equal(
      bgResumedText(2, 'abcdef01-1', info(3, 'idle', 'x')),
      'Resumed background [#2] abcdef01\nPrevious foreground moved to [#3]',
    );
    assert.equal(bgDroppedText(1, 'abcdef01-1'), 'Dropped background [#1] abcdef01');
    assert.equal(bgHelp().split('\n').length, 5);
  });
});
