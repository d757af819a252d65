import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readLog } from '../../../../src/core/shells/readLog.ts';
import type { Shell } from '../../../../src/core/shells/shell.ts';
import type { AdoptOptions } from '../../../../src/core/shells/shellRegistry.ts';
import { readShell } from '../../../../src/core/tools/readShell.ts';
import { FakeProcess, settle, ShellStage } from '../../../support/fakeShells.ts';

const id = 'f'.repeat(32);

/** A registry that takes back one shell, of which so much is stored. */
class AdoptingStage extends ShellStage {
  process: FakeProcess | undefined;

  async adopt(stored: string, options: Partial<AdoptOptions> = {}): Promise<Shell> {
    if (stored !== '') {
      await this.logs.create('s', id).write(0, Buffer.from(stored, 'latin1'));
    }
    const started = await this.tryAdopt(options);
    if ('refused' in started) {
      throw new Error(`refused: ${started.refused}`);
    }
    await started.launched;
    return started.shell;
  }

  tryAdopt(options: Partial<AdoptOptions> = {}) {
    return this.registry.adopt({
      id,
      sessionId: 's',
      command: 'npm run dev',
      cwd: '/w',
      tty: false,
      startedAt: this.clock.now() - 90_000,
      seen: undefined,
      readTo: 0,
      start: (spec, events) => {
        this.process = new FakeProcess(77, spec, events);
        return Promise.resolve(this.process);
      },
      ...options,
    });
  }

  get adopted(): FakeProcess {
    assert.ok(this.process);
    return this.process;
  }
}

async function textOf(shell: Shell): Promise<string> {
  let text = '';
  for (let offset = 0; ;) {
    const read = await readLog(shell, offset);
    if (read.nextOffset === offset) {
      return text;
    }
    text += read.dropped === 0 ? read.text : `<${read.dropped}>${read.text}`;
    offset = read.nextOffset;
  }
}

describe('a shell that is taken back', () => {
  it('is what it was, and goes on', async () => {
    const stage = new AdoptingStage();
    const shell = await stage.adopt('one\ntwo\n', { readTo: 4 });
    stage.adopted.say('three\n', true);
    assert.deepEqual(shell.info, {
      id,
      sessionId: 's',
      command: 'npm run dev',
      status: 'running',
      cwd: '/w',
      tty: false,
      startedAt: stage.clock.now() - 90_000,
      lastLine: 'three',
      elapsedMs: 90_000,
      bytesSeen: 14,
      bytesDropped: 0,
      pid: 77,
    });
    assert.equal(await textOf(shell), 'one\ntwo\nthree\n');
    const { from, head, droppedBytes, to } = shell.unread.peek(false);
    assert.deepEqual([from, Buffer.from(head).toString(), droppedBytes, to], [4, 'two\nthree\n', 0, 14]);
    assert.deepEqual(shell.output.marks.within(0, 100), [{ from: 8, to: 14 }]);
    const matchLines = () => ({ problem: 'not asked for' });
    assert.equal((await readShell(shell, { matchLines })).text, 'two\nthree\n');
    assert.equal((await readShell(shell, { matchLines })).text, '');
    assert.deepEqual(
      stage.registry.list().map((info) => info.id),
      [id],
    );
  });

  it('has its last line, and what it said last at its end, from before', async () => {
    const stage = new AdoptingStage();
    const shell = await stage.adopt('building\nready on port 3\n');
    assert.equal(shell.lastLine, 'ready on port 3');
    stage.adopted.exit(0);
    assert.match(stage.registry.completions.take('s') ?? '', /\| building\n {2}\| ready on port 3$/);
  });

  it('says how much had come and was not stored, at its place', async () => {
    const stage = new AdoptingStage();
    const shell = await stage.adopt('one\n', { seen: 10 });
    assert.equal(shell.lastLine, 'one');
    stage.adopted.say('four\n');
    assert.equal(await textOf(shell), 'one\n<6>four\n');
    assert.equal(shell.lastLine, 'four');
    const { head, droppedBytes, tail } = shell.unread.peek(false);
    assert.deepEqual(
      [Buffer.from(head).toString(), droppedBytes, Buffer.from(tail).toString()],
      ['one\n', 6, 'four\n'],
    );
    await shell.syncLog();
    assert.deepEqual(
      stage.logs.of(shell).writes.map(({ from, bytes }) => [from, bytes.toString()]),
      [
        [0, 'one\n'],
        [10, 'four\n'],
      ],
    );
    stage.adopted.exit(3);
    assert.match(stage.registry.completions.take('s') ?? '', /\| one\n {2}\| …\n {2}\| four$/);
  });

  it('tells its end once, and takes a place among those that run until then, even where there is none', async () => {
    const stage = new AdoptingStage();
    stage.limits.maxRunning = 1;
    await stage.start();
    const shell = await stage.adopt('');
    assert.equal(stage.registry.runningCount, 2);
    assert.deepEqual(stage.tryStart(), { refused: 'capReached', running: 2 });
    const ended: string[] = [];
    stage.registry.onDidEnd((one) => ended.push(one.id));
    stage.adopted.exit(5, [78]);
    assert.equal(shell.status.kind, 'leftRunning');
    stage.adopted.end();
    stage.adopted.exit(0);
    assert.deepEqual([shell.status, ended], [{ kind: 'exited', code: 5 }, [id]]);
    assert.match(stage.registry.completions.take('s') ?? '', /exit code: 5/);
    assert.equal(stage.registry.completions.take('s'), undefined);
  });

  it('ends when its time is up, counted from its start', async () => {
    const stage = new AdoptingStage();
    const shell = await stage.adopt('', { timeoutSeconds: 100 });
    stage.clock.advance(9_999);
    assert.equal(shell.isActive, true);
    stage.clock.advance(1);
    await settle();
    assert.deepEqual(shell.status, { kind: 'failed', reason: 'auto-killed after 100 s timeout' });
    const late = new AdoptingStage();
    const over = await late.adopt('', { timeoutSeconds: 60 });
    late.clock.advance(0);
    await settle();
    assert.deepEqual(over.status, { kind: 'failed', reason: 'auto-killed after 60 s timeout' });
  });

  it('is refused under an id that there is, and once the window closes', async () => {
    const stage = new AdoptingStage();
    await stage.adopt('');
    assert.deepEqual(await stage.tryAdopt(), { refused: 'duplicate', id });
    stage.registry.closeNow(0);
    assert.deepEqual(await stage.tryAdopt({ id: 'e'.repeat(32) }), { refused: 'closing' });
    assert.equal(stage.registry.list().length, 1);
  });

  it('ends with its session', async () => {
    const stage = new AdoptingStage();
    const shell = await stage.adopt('');
    await stage.registry.closeSession('s');
    assert.deepEqual(shell.status, { kind: 'killed', code: 143 });
  });

  it('lets its window remember how far it was read, and whether it has a place in the list', async () => {
    const stage = new AdoptingStage();
    const remembered: unknown[] = [];
    const started = stage.registry.startForeground({ sessionId: 's', command: 'x', cwd: '/', tty: false });
    assert.ok('shell' in started);
    await started.launched;
    Object.assign(stage.runner.last, { remember: (memory: unknown) => remembered.push(memory) });
    stage.runner.last.say('abc');
    stage.registry.moveToBackground(started.shell);
    const found = started.shell.unread.peek(false);
    started.shell.unread.advance(found, 2);
    assert.deepEqual(remembered, [
      { isListed: true, readTo: 0 },
      { isListed: true, readTo: 2 },
    ]);
  });

  it('gives its reader every byte at its offset, or counts it, however much was stored, lost and read', async () => {
    const stream = Buffer.from(Array.from({ length: 6000 }, (_, at) => 0x20 + ((at * 7 + (at >> 6)) % 90)));
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          stored: fc.integer({ min: 0, max: 2000 }),
          lost: fc.constantFrom(0, 0, 1, 700),
          readTo: fc.integer({ min: 0, max: 2000 }),
          cap: fc.constantFrom(100, 1000, 100_000),
          steps: fc.array(fc.tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 800 })), {
            maxLength: 6,
          }),
        }),
        async ({ stored, lost, readTo, cap, steps }) => {
          const stage = new AdoptingStage();
          stage.limits.unreadLimitBytes = cap;
          const seen = stored + lost;
          const shell = await stage.adopt(stream.toString('latin1', 0, stored), {
            seen,
            readTo: Math.min(readTo, seen),
          });
          let at = seen;
          let from = Math.min(readTo, seen);
          for (const [said, read] of steps) {
            stage.adopted.say(stream.subarray(at, at + said));
            at += said;
            const found = shell.unread.peek(false);
            assert.deepEqual([found.from, found.to], [from, at]);
            assert.equal(found.head.length + found.droppedBytes + found.tail.length, found.to - found.from);
            assert.ok(stream.subarray(found.from, found.from + found.head.length).equals(found.head), 'the beginning');
            assert.ok(stream.subarray(found.to - found.tail.length, found.to).equals(found.tail), 'the end');
            const isInGap = (to: number) =>
              found.droppedBytes > 0 && to > found.from + found.head.length && to < found.to - found.tail.length;
            const to = Math.min(found.to, found.from + read);
            from = isInGap(to) ? found.from + found.head.length : to;
            shell.unread.advance(found, from);
          }
          for (let offset = 0; offset < at;) {
            const { text, nextOffset, dropped } = await readLog(shell, offset);
            if (nextOffset === offset) {
              assert.equal(at - offset, lost, 'nothing but what was lost is missing at the end');
              break;
            }
            assert.ok(dropped === 0 || (offset === stored && dropped === lost), `${dropped} at ${offset}`);
            assert.equal(text, stream.toString('latin1', offset + dropped, nextOffset));
            offset = nextOffset;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
