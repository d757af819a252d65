import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { Redactor } from '../../../src/core/redact.ts';
import { DiskShellLog } from '../../../src/platform/shellLogFile.ts';
import { ShellLogFolder } from '../../../src/platform/shellLogFolder.ts';
import { ManualClock } from '../../support/manualClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';

describe('the stored log of a shell on the disk', () => {
  let folder: string;
  let log: DiskShellLog;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gsl-'));
    log = open(4 << 20);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  function open(limitBytes: number): DiskShellLog {
    return new DiskShellLog({ path: path.join(folder, 'logs', 'x.log'), limitBytes, redactor: new Redactor() });
  }

  /** The names of the files; none where nothing was written yet, so that there is no folder. */
  const files = (): readonly string[] => {
    const logs = path.join(folder, 'logs');
    return fs.existsSync(logs) ? fs.readdirSync(logs).sort() : [];
  };
  const content = (name: string): string => fs.readFileSync(path.join(folder, 'logs', name), 'utf8');

  async function readAll(from: number): Promise<readonly { readonly from: number; readonly text: string }[]> {
    const found = [];
    for (let at = from; ;) {
      const piece = await log.read(at, 500_000);
      if (piece === undefined) {
        return found;
      }
      found.push({ from: piece.from, text: Buffer.from(piece.bytes).toString('latin1') });
      at = piece.from + piece.bytes.length;
    }
  }

  it('is the output as it came, for its owner alone, with secrets covered by as many bytes', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const text = `line one\n\u001B[31mpush with ${secret} now\u001B[0m\nä 日\n`;
    const bytes = Buffer.from(text);
    await log.write(0, bytes.subarray(0, 30));
    await log.write(30, bytes.subarray(30));
    await log.flush();
    assert.equal(content('x.log'), text.replace(secret, '[redacted]'.padEnd(secret.length, '*')));
    assert.equal(fs.statSync(path.join(folder, 'logs', 'x.log')).mode & 0o777, 0o600);
    assert.equal(fs.statSync(path.join(folder, 'logs')).mode & 0o777, 0o700);
  });

  it('keeps the beginning and the end of what is too much, in files named by their offset', async () => {
    const piece = Buffer.alloc(1 << 18);
    for (let at = 0; at < 64; at++) {
      await log.write(at << 18, piece.fill(0x41 + (at % 26)));
    }
    await log.flush();
    const sizes = files().map((name) => fs.statSync(path.join(folder, 'logs', name)).size);
    assert.ok(sizes.reduce((sum, size) => sum + size) <= 4 << 20);
    assert.deepEqual(files(), ['x.13631488.log', 'x.14680064.log', 'x.15728640.log', 'x.log']);
    const all = await readAll(0);
    assert.equal(all[0]?.from, 0);
    assert.equal(all.at(-1)?.text.at(-1), String.fromCharCode(0x41 + (63 % 26)));
    assert.equal(log.locate(0, 2 << 20), undefined);
    assert.deepEqual(log.locate(14 << 20, 16 << 20), [
      { path: path.join(folder, 'logs', 'x.14680064.log'), offset: 0 },
      { path: path.join(folder, 'logs', 'x.15728640.log'), offset: 0 },
    ]);
    assert.deepEqual(log.locate(100, 200), [{ path: path.join(folder, 'logs', 'x.log'), offset: 100 }]);
  });

  it('gives back what was written under its offset, with gaps where something was left out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 90_000 })), { maxLength: 12 }),
        async (steps) => {
          log = open(1 << 30);
          const stream = Buffer.alloc(2_000_000);
          stream.forEach((_, at) => {
            stream[at] = (at * 31 + (at >> 8)) & 0x7f;
          });
          const written: [number, number][] = [];
          let at = 0;
          for (const [gap, length] of steps) {
            at += gap === 2 ? 10_000 : 0;
            await log.write(at, stream.subarray(at, at + length));
            written.push([at, at + length]);
            at += length;
          }
          await log.flush();
          for (const { from, text } of await readAll(0)) {
            assert.ok(stream.toString('latin1', from, from + text.length) === text);
          }
          for (const [from, to] of written) {
            assert.ok(log.locate(from, to));
          }
          await log.remove();
          assert.deepEqual(files(), []);
        },
      ),
      { numRuns: 30, examples: [[[]]] },
    );
  });

  it('is opened again by a later window where it was, and goes on behind what was lost', async () => {
    const piece = Buffer.alloc(1 << 18);
    for (let at = 0; at < 30; at++) {
      await log.write(at << 18, piece.fill(0x41 + (at % 26)));
    }
    await log.flush();
    const before = await readAll(0);
    const names = files();
    for (const stray of ['x.abc.log', 'x.5.log', 'y.1.log', 'x.99999999999999999.log', 'x.9000000.txt']) {
      fs.writeFileSync(path.join(folder, 'logs', stray), 'stray');
    }
    fs.symlinkSync('/etc/hostname', path.join(folder, 'logs', 'x.90000000.log'));
    log = open(4 << 20);
    assert.equal(await log.reopen(), 30 << 18);
    assert.deepEqual(await readAll(0), before);
    await log.write((30 << 18) + 7, Buffer.from('later\n'));
    await log.flush();
    assert.deepEqual(
      (await readAll(30 << 18)).map(({ from, text }) => [from, text]),
      [[(30 << 18) + 7, 'later\n']],
    );
    await log.remove();
    assert.deepEqual(
      files().filter((name) => names.includes(name)),
      [],
    );
  });

  it('is opened again where nothing was stored', async () => {
    assert.equal(await log.reopen(), 0);
    await log.write(0, Buffer.from('first\n'));
    assert.equal(content('x.log'), 'first\n');
    log = open(4 << 20);
    assert.equal(await log.reopen(), 6);
    await log.write(6, Buffer.from('second\n'));
    assert.equal(content('x.log'), 'first\nsecond\n');
    assert.deepEqual(files(), ['x.log']);
  });

  it('goes on under the right offsets after it could not be written for a while', async () => {
    await log.write(0, Buffer.from('first\n'.repeat(20)));
    fs.rmSync(path.join(folder, 'logs'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'logs'), 'in the way');
    await assert.rejects(log.write(120, Buffer.from('second\n'.repeat(20))));
    fs.rmSync(path.join(folder, 'logs'));
    await log.write(260, Buffer.from('third\n'.repeat(20)));
    await log.flush();
    assert.equal(content('x.260.log'), 'third\n'.repeat(20));
    assert.equal(log.locate(120, 270), undefined);
    assert.ok(log.locate(260, 380));
  });
});

describe('the stored logs of all shells', () => {
  it('go when they are old, and the oldest when they are too much; young ones stay', async () => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'gsl-'));
    try {
      const clock = new ManualClock(Date.now());
      const log = new MemoryLog();
      const logs = new ShellLogFolder({ root, limitBytes: () => 1000, redactor: new Redactor(), clock, log });
      const [session, other] = [randomUUID(), randomUUID()];
      const put = (id: string, name: string, bytes: number, ageHours: number): string => {
        const file = path.join(logs.folderOf(id), name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, '');
        fs.truncateSync(file, bytes);
        const at = clock.now() / 1000 - ageHours * 3600;
        fs.utimesSync(file, at, at);
        return file;
      };
      const mebibyte = 1 << 20;
      const kept = [put(session, 'a.log', 300 * mebibyte, 0.1), put(session, 'b.log', 300 * mebibyte, 0.5)];
      const gone = [put(session, 'c.log', mebibyte, 2), put(other, 'd.log', 10, 24 * 8)];
      fs.writeFileSync(path.join(root, 'notes.txt'), 'of somebody else');
      await logs.sweep();
      assert.deepEqual(
        [...kept, ...gone].map((file) => fs.existsSync(file)),
        [true, true, false, false],
      );
      assert.deepEqual(fs.readdirSync(root).sort(), [session, 'notes.txt'].sort());
      assert.deepEqual(log.lines, []);
      assert.throws(() => logs.folderOf('../etc'));
    } finally {
      fs.rmSync(root, { recursive: true, force: true });
    }
  });
});
