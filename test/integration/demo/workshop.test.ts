import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createDemoWorkshop } from '../../../src/platform/demoWorkshop.ts';
import { NodeProcessLauncher } from '../../../src/platform/processLauncher.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { eventually } from '../../support/eventually.ts';
import { MemoryLog } from '../../support/memoryLog.ts';

const files = { 'guests.txt': 'b\na\n', 'program.md': '# Program\n' };
const never = new AbortController().signal;
const refused = { code: 'demoFolder' };

/** Whether it is still there; one that waits to be reaped is not. */
function isAlive(pid: number): boolean {
  assert.ok(Number.isInteger(pid) && pid > 1);
  const status = path.join('/proc', String(pid), 'status');
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, 'utf8'));
}

describe('the folder of the demo', () => {
  let home: string;
  let folder: string;

  beforeEach(() => {
    home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'dw-')));
    folder = path.join(home, 'demo');
  });

  afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));

  const workshop = (timeLimitSeconds = 20) =>
    createDemoWorkshop({
      folder,
      clock: systemClock,
      launcher: new NodeProcessLauncher({ log: new MemoryLog(), transport: 'pipe' }),
      timeLimitSeconds,
    });
  const inFolder = (name: string): string => path.join(folder, name);
  const nothing = (): void => undefined;

  it('is made for this person only, is kept while it is whole, and is repaired when it is not', async () => {
    const shop = workshop();
    assert.equal(await shop.prepare(files), 'made');
    if (process.platform !== 'win32') assert.equal(lstatSync(folder).mode & 0o777, 0o700);
    await shop.change('guests.txt', (before) => `${before}c\n`);
    assert.equal(await shop.prepare(files), 'whole');
    assert.equal(readFileSync(inFolder('guests.txt'), 'utf8'), 'b\na\nc\n');
    rmSync(inFolder('program.md'));
    assert.equal(await shop.prepare(files), 'repaired');
    assert.equal(readFileSync(inFolder('program.md'), 'utf8'), '# Program\n');
    assert.equal(readFileSync(inFolder('guests.txt'), 'utf8'), 'b\na\nc\n');
  });

  it('is made anew from whatever stands in its place, and what a link leads to stays as it was', async () => {
    const shop = workshop();
    const outside = path.join(home, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'guests.txt'), 'outside\n');
    const damages: (() => void)[] = [
      () => writeFileSync(folder, 'a file'),
      () => symlinkSync(outside, folder),
      () => symlinkSync(path.join(home, 'nowhere'), folder),
      () => {
        mkdirSync(folder);
        symlinkSync(path.join(outside, 'guests.txt'), inFolder('guests.txt'));
      },
      () => mkdirSync(inFolder('guests.txt'), { recursive: true }),
      () => {
        mkdirSync(folder);
        writeFileSync(inFolder('guests.txt'), Buffer.from([0xff, 0xfe, 0x00]));
      },
      () => {
        mkdirSync(folder);
        writeFileSync(inFolder('guests.txt'), 'x'.repeat(300_000));
      },
    ];
    for (const damage of damages) {
      rmSync(folder, { recursive: true, force: true });
      damage();
      assert.equal(await shop.prepare(files), 'repaired');
      assert.equal(lstatSync(folder).isDirectory(), true);
      assert.equal(lstatSync(inFolder('guests.txt')).isFile(), true);
      assert.equal(await shop.read('guests.txt'), 'b\na\n');
      assert.equal(readFileSync(path.join(outside, 'guests.txt'), 'utf8'), 'outside\n');
    }
  });

  it('reads and writes plain names only, and follows no link', async () => {
    const shop = workshop();
    await shop.prepare(files);
    const outside = path.join(home, 'secret.txt');
    writeFileSync(outside, 'secret\n');
    symlinkSync(outside, inFolder('link.txt'));
    for (const name of ['../secret.txt', '/etc/passwd', 'a/b.txt', '.hidden', '..', '', 'C:\\x', 'x\0y']) {
      await assert.rejects(shop.read(name), refused, name);
      await assert.rejects(
        shop.change(name, () => 'x'),
        refused,
        name,
      );
    }
    await assert.rejects(shop.read('link.txt'), refused);
    await assert.rejects(
      shop.change('link.txt', () => 'overwritten'),
      refused,
    );
    assert.equal(readFileSync(outside, 'utf8'), 'secret\n');
    await assert.rejects(shop.run('cat link.txt', nothing, never), refused);
    assert.equal(await shop.read('missing.txt'), undefined);
  });

  it('does nothing in a folder that has become a link', async () => {
    const shop = workshop();
    await shop.prepare(files);
    rmSync(folder, { recursive: true });
    mkdirSync(path.join(home, 'outside'));
    writeFileSync(path.join(home, 'outside', 'guests.txt'), 'outside\n');
    symlinkSync(path.join(home, 'outside'), folder);
    await assert.rejects(shop.read('guests.txt'), refused);
    await assert.rejects(
      shop.change('guests.txt', () => 'x'),
      refused,
    );
    await assert.rejects(shop.run('ls', nothing, never), refused);
    assert.equal(readFileSync(path.join(home, 'outside', 'guests.txt'), 'utf8'), 'outside\n');
  });

  it('makes changes one after the other, each in one step', async () => {
    const shop = workshop();
    await shop.prepare(files);
    const names = Array.from({ length: 20 }, (_, index) => `guest ${index}`);
    await Promise.all(names.map((name) => shop.change('guests.txt', (before) => `${before}${name}\n`)));
    assert.equal(await shop.read('guests.txt'), `b\na\n${names.join('\n')}\n`);
    assert.equal(await shop.change('guests.txt', () => undefined), undefined);
    assert.deepEqual(readdirSync(folder).sort(), ['guests.txt', 'program.md']);
  });

  it('runs a command in its folder, with nothing of the environment, and tells its output and exit code', async () => {
    const shop = workshop();
    await shop.prepare(files);
    process.env['GREENROOM_SECRET_OF_A_TEST'] = 'secret';
    try {
      let streamed = '';
      const end = await shop.run(
        'sort guests.txt; pwd; echo "[$GREENROOM_SECRET_OF_A_TEST]"; exit 3',
        (text) => (streamed += text),
        never,
      );
      assert.deepEqual(end, { code: 3, output: `a\nb\n${folder}\n[]\n`, droppedBytes: 0 });
      assert.equal(streamed, end.output);
    } finally {
      delete process.env['GREENROOM_SECRET_OF_A_TEST'];
    }
  });

  it('keeps a bounded part of the output, and counts the rest', async () => {
    const shop = workshop();
    await shop.prepare(files);
    const end = await shop.run('head -c 1000000 /dev/zero | tr "\\0" x', nothing, never);
    assert.deepEqual([end.code, end.output.length, end.droppedBytes], [0, 262_144, 737_856]);
  });

  it('ends a command with all that it started when its time is up', async () => {
    const shop = workshop(0.3);
    await shop.prepare(files);
    const end = await shop.run('sh -c "echo \\$\\$ > child; exec sleep 100" & echo $$; sleep 100', nothing, never);
    assert.equal(end.timeLimitSeconds, 0.3);
    const child = Number(readFileSync(inFolder('child'), 'utf8'));
    assert.deepEqual([isAlive(Number(end.output)), isAlive(child)], [false, false]);
  });

  it('ends a command at once when it is cancelled, also one that ignores being asked', async () => {
    const shop = workshop();
    await shop.prepare(files);
    const abort = new AbortController();
    let output = '';
    const running = shop.run(
      'trap "" TERM HUP INT; echo $$; sleep 100; sleep 100',
      (text) => (output += text),
      abort.signal,
    );
    await eventually(() => output.includes('\n'), 'the start of the command');
    abort.abort();
    const end = await running;
    assert.notEqual(end.code, 0);
    assert.equal(isAlive(Number(output)), false);
  });

  it('starts nothing once it is cancelled', async () => {
    const shop = workshop();
    await shop.prepare(files);
    const abort = new AbortController();
    abort.abort();
    await assert.rejects(shop.run('touch ran', nothing, abort.signal));
    assert.equal(existsSync(inFolder('ran')), false);
  });
});
