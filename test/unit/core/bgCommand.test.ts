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

  it('lists the slots in columns, what needs the person before the state, or says that there are none', () => {
    assert.deepEqual(bgList([], 0), { text: 'No background sessions.' });
    assert.equal(bgList([info(1, 'running', 'x')], 0).text, '1 background session');
    const limitedUntil = new Date(2026, 4, 5, 14, 5).getTime();
    const listed = [
      info(1, 'running', 'Fix the login'),
      { ...info(2, 'done', '修复登录'), attention: ['unread'] as const },
      { ...info(3, 'running', 'Docs'), attention: ['needsApproval', 'unread'] as const },
      { ...info(4, 'idle', 'Tests'), attention: ['rateLimited'] as const, rateLimitedUntil: limitedUntil },
    ];
    const { text, table } = bgList(listed, new Date(2026, 4, 5, 12, 0).getTime());
    assert.deepEqual(
      [text, table?.columns, table?.rows.map((row) => [row[0], row[1], row[2]?.replaceAll('\u202f', ' '), row[4]])],
      [
        '4 background sessions',
        ['#', 'ID', 'State', 'Created', 'Summary'],
        [
          ['1', '12345678', 'running', 'Fix the login'],
          ['2', '22345678', 'done, unread', '修复登录'],
          ['3', '32345678', 'needs you, unread', 'Docs'],
          ['4', '42345678', 'limited until 2:05 PM', 'Tests'],
        ],
      ],
    );
    assert.deepEqual(
      bgList(listed.slice(0, 2), 1_000_000).table?.rows.map((row) => row[3]),
      ['1h', '2h'],
    );
  });

  it('says what it did', () => {
    assert.equal(
      bgMovedText('abcdef01-1', info(2, 'running', 'x'), 0),
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
