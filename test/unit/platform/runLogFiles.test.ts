import assert from 'node:assert/strict';
import fs from 'node:fs';
import { RunLogFiles } from '../../../src/platform/runLogFiles.ts';
import { StorePaths } from '../../../src/platform/storePaths.ts';
import { ManualClock } from '../../support/manualClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';

const id = '0f0e0d0c-0b0a-4908-8706-050403020100';

describe('the log of a run', () => {
  let folder: ReturnType<typeof makeStoreFolder>;
  let paths: StorePaths;
  let log: MemoryLog;
  let runs: RunLogFiles;

  beforeEach(() => {
    folder = makeStoreFolder();
    paths = new StorePaths(folder.root);
    log = new MemoryLog();
    fs.mkdirSync(paths.sessions, { recursive: true });
    fs.writeFileSync(paths.session(id), '');
    runs = new RunLogFiles({
      root: folder.root,
      clock: new ManualClock(0),
      log,
      secrets: ['hunter2-hunter2'],
      maxFileBytes: 2000,
    });
  });
  afterEach(() => folder.dispose());

  it('keeps the lines of each run with their time', async () => {
    runs.append(id, 1, 'one');
    runs.append(id, 1, 'two');
    runs.append(id, 2, 'three');
    await runs.flush();
    assert.equal(
      fs.readFileSync(paths.runLogs(id).current, 'utf8'),
      '--- 1970-01-01T00:00:00.000Z run 1\none\ntwo\n--- 1970-01-01T00:00:00.000Z run 2\nthree\n',
    );
    assert.equal(fs.statSync(paths.runLogs(id).current).mode & 0o777, 0o600);
  });

  it('contains no secret, also not one that goes over several lines', async () => {
    for (const line of [
      'pass hunter2-hunter2',
      '-----BEGIN PRIVATE KEY-----',
      'MIIE',
      'abc=',
      '-----END PRIVATE KEY-----',
      'end',
    ]) {
      runs.append(id, 1, line);
    }
    await runs.flush();
    const text = fs.readFileSync(paths.runLogs(id).current, 'utf8');
    assert.ok(text.endsWith('pass [redacted]\n[redacted]\nend\n'), text);
  });

  it('contains nothing of a secret that is cut where a long line ends', async () => {
    for (let before = 16_384 - 20; before <= 16_384; before++) {
      runs.append(id, 1, `${'x'.repeat(before)}hunter2-hunter2${'y'.repeat(5_000)}`);
      await runs.flush();
      assert.doesNotMatch(fs.readFileSync(paths.runLogs(id).current, 'utf8'), /xh/);
    }
  });

  it('contains no value that a run brought along, from the moment it is known', async () => {
    runs.append(id, 1, 'not known yet: of-the-second-run');
    runs.hide(['of-the-second-run']);
    runs.append(id, 2, 'hunter2-hunter2 and of-the-second-run');
    await runs.flush();
    assert.deepEqual(
      fs
        .readFileSync(paths.runLogs(id).current, 'utf8')
        .split('\n')
        .filter((line) => !line.startsWith('---')),
      ['not known yet: of-the-second-run', '[redacted] and [redacted]', ''],
    );
  });

  it('keeps the newest lines, and never more than two files', async () => {
    for (let index = 0; index < 50; index++) {
      runs.append(id, 1, `${index} ${'x'.repeat(300)}`);
      await runs.flush();
    }
    const { current, previous } = paths.runLogs(id);
    assert.ok(fs.statSync(current).size <= 2000 && fs.statSync(previous).size <= 2000);
    assert.match(fs.readFileSync(current, 'utf8'), /^49 x/m);
    assert.deepEqual(fs.readdirSync(`${folder.root}/runs`).length, 2);
  });

  it('says what it left out of a long line, and how many lines it dropped', async () => {
    runs.append(id, 1, 'x'.repeat(20_000));
    for (let index = 0; index < 60; index++) {
      runs.append(id, 1, 'y'.repeat(15_000));
    }
    await runs.flush();
    const text = fs.readFileSync(paths.runLogs(id).current, 'utf8');
    assert.match(text, /x \[… 3616 characters more\]\n/);
    assert.match(text, /--- \d+ lines were dropped\n$/);
  });

  it('says once that it cannot write, and goes on when it can', async () => {
    fs.writeFileSync(`${folder.root}/runs`, 'in the way');
    runs.append(id, 1, 'one');
    await runs.flush();
    runs.append(id, 1, 'two');
    await runs.flush();
    assert.equal(log.lines.length, 1);
    fs.rmSync(`${folder.root}/runs`);
    runs.append(id, 1, 'three');
    await runs.flush();
    assert.match(fs.readFileSync(paths.runLogs(id).current, 'utf8'), /three\n$/);
  });

  it('writes nothing for a session that was deleted', async () => {
    fs.rmSync(paths.session(id));
    runs.append(id, 1, 'late');
    await runs.flush();
    assert.equal(fs.existsSync(paths.runLogs(id).current), false);
  });
});
