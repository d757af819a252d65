import assert from 'node:assert/strict';
import type { DoctorFacts } from '../../../src/core/doctorFacts.ts';
import { bytesInWords, writeDoctorReport } from '../../../src/core/doctorReport.ts';
import { doctorSections } from '../../../src/core/doctorSections.ts';
import { Redactor } from '../../../src/core/redact.ts';

const well: DoctorFacts = {
  extensionVersion: '1.2.3',
  editor: 'Code 1.139.0',
  isTrusted: true,
  hasFolder: true,
  machine: {
    platform: 'Linux 6 (linux-x64)',
    node: 'v24.1.0',
    pty: { from: '/ext/node-pty' },
    wantsPty: true,
    programs: [{ name: 'mkfifo', path: '/usr/bin/mkfifo' }],
  },
  agents: [
    {
      name: 'Agent',
      probe: { state: 'ready', path: '/bin/agent', version: '2.0.0', loggedIn: true, keyNames: ['AGENT_KEY'] },
    },
  ],
  storage: { folder: '/data', freeBytes: 5e9, sessions: 3, bytes: 2048 },
  processes: [{ name: 'agent', pid: 42 }],
  settingProblems: [],
};

const ill: DoctorFacts = {
  ...well,
  isTrusted: false,
  hasFolder: false,
  machine: {
    platform: 'Linux 6 (linux-x64)',
    node: 'v24.1.0',
    pty: { missing: 'no binary' },
    wantsPty: true,
    programs: [{ name: 'mkfifo', path: undefined }],
  },
  agents: [
    {
      name: 'Agent',
      probe: { state: 'notFound', keyNames: [], problem: { code: 'x', message: 'It is not there.', actions: [] } },
    },
  ],
  storage: { folder: '/data', problem: 'EROFS', freeBytes: 1024, sessions: 0, bytes: 0 },
  settingProblems: ['The setting x is not valid.'],
  saveTrouble: { message: 'The disk is full.', isOver: false },
};

const write = (facts: DoctorFacts, mask = (text: string): string => text): string =>
  writeDoctorReport({ sections: doctorSections(facts), madeAt: 'today', isPartial: false }, mask);

describe('the list of checks', () => {
  it('says in one line each what is there, and that all is well', () => {
    const lines = write(well).split('\n');
    assert.deepEqual(
      lines.filter((line) => /^- .*(Agent:|Login|Keys|Processes of|node-pty|sessions of)/.test(line)),
      [
        '- ✓ Agent: 2.0.0',
        '- ✓ Login: logged in',
        '- Keys in the environment: AGENT_KEY',
        '- Processes of this window: 1: agent (42)',
        '- ✓ node-pty: /ext/node-pty',
        '- Stored sessions of this workspace: 3 (2.0 KiB)',
      ],
    );
    assert.ok(lines.includes('today · Everything is well.'));
  });

  it('says under every line that is not well what to do', () => {
    const lines = write(ill).split('\n');
    const without = lines.filter((line, index) => /^- [⚠✗]/.test(line) && !lines[index + 1]?.startsWith('  → '));
    assert.deepEqual(without, []);
    assert.equal(lines.filter((line) => line.startsWith('- ✗')).length, 4);
    assert.equal(lines.filter((line) => line.startsWith('- ⚠')).length, 5);
  });

  it('masks secrets, wherever they come from', () => {
    const secret = 'a-secret-token-of-somebody';
    const redactor = new Redactor([secret]);
    const text = write({ ...well, settingProblems: [`found "${secret}"`] }, (whole) => redactor.redact(whole));
    assert.equal(text.includes(secret), false);
  });

  it('keeps to its own line what others wrote', () => {
    const text = write({ ...well, settingProblems: ['one\n# two'] });
    assert.equal(text.includes('\n# two'), false);
  });

  it('gives sizes in words', () => {
    assert.deepEqual([0, 1023, 1536, 5e9].map(bytesInWords), ['0 B', '1023 B', '1.5 KiB', '4.7 GiB']);
  });
});
