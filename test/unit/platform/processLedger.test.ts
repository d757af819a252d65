import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { maxEntries } from '../../../src/platform/ledgerRecords.ts';
import { readLedger } from '../../../src/platform/readLedger.ts';
import { ProcessLedger } from '../../../src/platform/processLedger.ts';
import { ManualClock } from '../../support/manualClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';

describe('The ledger of processes', () => {
  let store: ReturnType<typeof makeStoreFolder>;
  let folder: string;
  let told: string[];
  let ledger: ProcessLedger;

  beforeEach(() => {
    store = makeStoreFolder();
    folder = path.join(store.root, 'processes');
    told = [];
    ledger = new ProcessLedger({
      folder,
      clock: new ManualClock(),
      log: new MemoryLog(),
      graceMs: 0,
      onTrouble: (sentence) => told.push(sentence),
    });
  });
  afterEach(() => store.dispose());

  const files = (): readonly string[] => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);
  const content = () => readLedger(fs.readFileSync(path.join(folder, files()[0] ?? '')));
  const names = () => content().entries.map(({ name, pid }) => `${name} ${pid}`);

  it('has the intent on the disk before the start, and the pid with its start time after it', () => {
    assert.deepEqual(files(), []);
    const record = ledger.begin('agent');
    assert.deepEqual(names(), ['agent undefined']);
    record.started(process.pid);
    assert.deepEqual(names(), [`agent ${process.pid}`]);
    if (process.platform === 'linux') {
      assert.match(content().entries[0]?.startTime ?? '', /^\d+$/);
    }
    record.gone();
    assert.deepEqual(files(), []);
  });

  it('gives each process a mark that names the host first', () => {
    const marks = [ledger.begin('a').mark, ledger.begin('b').mark];
    assert.ok(marks.every((mark) => /^[0-9a-f]{16}\.[0-9a-f]{12}$/.test(mark)));
    assert.equal(new Set(marks).size, 2);
    assert.equal(new Set(marks.map((mark) => mark.slice(0, 17))).size, 1);
    assert.ok(files()[0]?.includes(marks[0]?.slice(0, 16) ?? '?'));
  });

  it('is private to the person', () => {
    ledger.begin('agent');
    const mode = (file: string) => fs.statSync(file).mode & 0o777;
    assert.deepEqual([mode(folder), mode(path.join(folder, files()[0] ?? ''))], [0o700, 0o600]);
  });

  it('stays small however many processes come and go', () => {
    const long = ledger.begin('long');
    for (let round = 0; round < 2000; round++) {
      const record = ledger.begin(`short ${round}`);
      record.started(process.pid);
      record.gone();
      record.gone();
    }
    assert.deepEqual(names(), ['long undefined']);
    assert.deepEqual([files().length, content().damaged], [1, 0]);
    assert.ok(fs.statSync(path.join(folder, files()[0] ?? '')).size < 80 * 1024);
    long.gone();
  });

  it('refuses more processes than it can tell of', () => {
    const records = Array.from({ length: maxEntries }, () => ledger.begin('one'));
    assert.throws(() => ledger.begin('one too many'), /already runs 512 processes/);
    records[0]?.gone();
    ledger.begin('another');
    assert.equal(content().entries.length, maxEntries);
  });

  it('refuses processes once it is closing', async () => {
    await Promise.all([ledger.close(), ledger.close()]);
    assert.throws(() => ledger.begin('late'), /closing/);
  });

  it('forgets on closing what was never started', async () => {
    ledger.begin('intent');
    await ledger.close();
    assert.deepEqual(files(), []);
  });

  it('tells once that it cannot be written, and is complete as soon as it can be', () => {
    fs.mkdirSync(store.root, { recursive: true });
    fs.writeFileSync(folder, '');
    const first = ledger.begin('first');
    first.started(process.pid);
    ledger.begin('second');
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /cannot write down which processes it starts/);
    fs.rmSync(folder);
    ledger.begin('third');
    assert.deepEqual(names(), [`first ${process.pid}`, 'second undefined', 'third undefined']);
    assert.equal(told.length, 1);
  });
});
