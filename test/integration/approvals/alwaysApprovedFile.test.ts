import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AlwaysApprovedFile } from '../../../src/platform/alwaysApprovedFile.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';

/** Waiting takes no time of the tests. */
const hurriedAfter: Clock['after'] = (delayMs, run) => systemClock.after(delayMs / 10, run);

describe('the file of what is always approved', () => {
  let folder: string;
  let file: string;
  let log: MemoryLog;
  let now = 1_000;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'aa-'));
    file = path.join(folder, 'w', 'approvals.json');
    log = new MemoryLog();
    now = 1_000;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const clock = { now: () => now++, after: hurriedAfter };
  const open = (): AlwaysApprovedFile => new AlwaysApprovedFile({ path: file, clock, log });
  const keysOf = async (store: AlwaysApprovedFile): Promise<readonly string[]> =>
    (await store.list()).map(({ key }) => key);

  it('keeps answers for the next window, for this user only, and gives them back', async () => {
    const store = open();
    assert.deepEqual(await store.list(), []);
    await store.add({ key: 'execute:npm test', scope: 'this exact command' });
    await store.add({ key: 'edit:/w', scope: 'edits' });
    await store.add({ key: 'execute:npm test', scope: 'this exact command' });
    assert.deepEqual(await open().list(), [
      { key: 'edit:/w', scope: 'edits', at: 1_001 },
      { key: 'execute:npm test', scope: 'this exact command', at: 1_002 },
    ]);
    await store.remove(['edit:/w', 'unknown']);
    assert.deepEqual(await keysOf(open()), ['execute:npm test']);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(path.dirname(file)), ['approvals.json']);
  });

  it('sees what another window has written, and loses nothing of it', async () => {
    const [one, other] = [open(), open()];
    await one.add({ key: 'a', scope: '' });
    await other.add({ key: 'b', scope: '' });
    assert.deepEqual(await keysOf(one), ['a', 'b']);
    await one.remove(['a']);
    assert.deepEqual(await keysOf(other), ['b']);
  });

  it('keeps the newest of too many', async () => {
    const store = open();
    for (let index = 0; index < 505; index++) {
      await store.add({ key: `k${index}`, scope: '' });
    }
    const keys = await keysOf(store);
    assert.deepEqual([keys.length, keys[0], keys.at(-1)], [500, 'k5', 'k504']);
  });

  it('allows nothing where the file is damaged, says so, and puts it aside with the next answer', async () => {
    const store = open();
    await store.add({ key: 'a', scope: '' });
    for (const content of [
      '',
      '{',
      '[]',
      '{"greenroom":"approvals","format":0,"grants":[{"key":"a","scope":"","at":1}]}',
      '\u0000',
    ]) {
      writeFileSync(file, content);
      assert.deepEqual(await open().list(), [], JSON.stringify(content));
    }
    assert.match(log.lines.join('\n'), /damaged/);
    await open().add({ key: 'b', scope: '' });
    assert.deepEqual(await keysOf(open()), ['b']);
    assert.ok(existsSync(`${file}.damaged`));
    writeFileSync(
      file,
      '{"greenroom":"approvals","format":1,"grants":[{"key":1},null,{"key":"c","scope":"s","at":1}]}',
    );
    assert.deepEqual(await keysOf(open()), ['c']);
  });

  it('leaves a file of a newer version alone, and allows nothing by it', async () => {
    await open().add({ key: 'a', scope: '' });
    const newer = '{"greenroom":"approvals","format":2,"grants":[{"key":"a","scope":"","at":1}]}';
    writeFileSync(file, newer);
    assert.deepEqual(await open().list(), []);
    await assert.rejects(open().add({ key: 'b', scope: '' }), { code: 'saveFailed', message: /newer version/ });
    assert.equal(readFileSync(file, 'utf8'), newer);
  });

  it('says that nothing was approved where nothing can be written', async () => {
    writeFileSync(path.join(folder, 'w'), 'no folder');
    await assert.rejects(open().add({ key: 'a', scope: '' }), { code: 'saveFailed' });
    assert.deepEqual(await open().list(), []);
    rmSync(path.join(folder, 'w'));
    if (process.getuid?.() !== 0) {
      chmodSync(folder, 0o500);
      await assert.rejects(open().add({ key: 'a', scope: '' }), { code: 'saveFailed' });
      chmodSync(folder, 0o700);
    }
  });

  it('adds one after the other', async () => {
    const store = open();
    await Promise.all(Array.from({ length: 20 }, (_, index) => store.add({ key: `k${index}`, scope: '' })));
    assert.equal((await store.list()).length, 20);
  });

  it('keeps every answer of windows that answer at the same time', async () => {
    const windows = [open(), open(), open()];
    await Promise.all(
      windows.flatMap((store, window) =>
        Array.from({ length: 10 }, (_, index) => store.add({ key: `${window}-${index}`, scope: '' })),
      ),
    );
    assert.equal((await open().list()).length, 30);
    const [one, other] = windows;
    await Promise.all([one?.remove(['0-0', '0-1']), other?.add({ key: 'new', scope: '' }), one?.remove(['1-1'])]);
    const keys = await keysOf(open());
    assert.deepEqual([keys.length, keys.includes('new'), keys.includes('0-0')], [28, true, false]);
    assert.deepEqual(readdirSync(path.dirname(file)), ['approvals.json']);
  });

  it('keeps every answer of processes that answer at the same time', async () => {
    const script = fileURLToPath(import.meta.resolve('./answeringWindow.ts'));
    const answer = (name: string) => promisify(execFile)(process.execPath, [script, file, name, '25']);
    await Promise.all([answer('a'), answer('b'), answer('c')]);
    assert.equal((await open().list()).length, 75);
    assert.deepEqual(readdirSync(path.dirname(file)), ['approvals.json']);
  });

  it('does not wait for ever for a window that died while it answered', async () => {
    await open().add({ key: 'a', scope: '' });
    writeFileSync(`${file}.lock`, 'somebody who is gone');
    const [one, other] = [open(), open()];
    await Promise.all([one.add({ key: 'b', scope: '' }), other.add({ key: 'c', scope: '' })]);
    assert.deepEqual([...(await keysOf(open()))].sort(), ['a', 'b', 'c']);
    assert.deepEqual(readdirSync(path.dirname(file)), ['approvals.json']);
  });
});
