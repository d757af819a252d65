import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { eventually } from '../../support/eventually.ts';
import type { Ground } from '../ledger/harness.ts';
import { eventuallySeen, KeptStage, only, type SerializedOptions, textOf, withReaper } from './keptStage.ts';
import { readAll, type ReadPiece, session } from './keptWindow.ts';

const rounds = process.env['GREENROOM_LONG'] === '1' ? 50 : 3;

/** Prints a number a line, without an end and quickly. */
const counter = 'exec 9< <(sleep 1000); while :; do i=$((i+1)); echo $i; read -t 0.01 -u 9; done';
/** The beginning of what it prints. */
const counted = Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join('');

/**
 * How many bytes are missing in what a counter has said, all of them at one place at most; everything else stands at its
 * offset. A piece that a window was just taking when it died is not counted in the offsets behind it.
 */
function missingIn(pieces: readonly ReadPiece[]): number {
  let at = 0;
  let end = 0;
  let missing = 0;
  let isCounted = true;
  for (const { offset, text } of pieces) {
    missing += offset - end;
    at += offset - end;
    end = offset + text.length;
    let same = 0;
    while (same < text.length && text[same] === counted[at + same]) {
      same += 1;
    }
    at += text.length;
    if (same < text.length) {
      assert.ok(isCounted, 'there is another place');
      isCounted = false;
      const rest = text.slice(same);
      const from = at - rest.length;
      const found = counted.slice(from, from + rest.length + 200).indexOf(rest);
      assert.ok(found > 0, `it does not go on in order: ${JSON.stringify(rest.slice(0, 100))}`);
      missing += found;
      at += found;
    }
  }
  return missing;
}

describe('Shells that are to be taken back after a crash', function () {
  if (process.platform !== 'linux') this.pending = true;
  let stage: KeptStage;
  let ground: Ground;

  beforeEach(() => {
    stage = new KeptStage();
    ({ ground } = stage);
  });
  afterEach(() => stage.dispose());

  const host = (...args: Parameters<KeptStage['host']>) => stage.host(...args);
  const open = (options?: SerializedOptions) => stage.open(options);
  const sleepers = (seconds: number) => stage.sleepers(seconds);

  it(`go on under their ids and offsets, and nothing but what was not stored yet is missing (${rounds} times)`, async function () {
    this.timeout(rounds * 20_000);
    for (let round = 0; round < rounds; round++) {
      const first = await host(
        Array.from({ length: 8 }, () => counter),
        withReaper,
      );
      await first.until((said) => said.every((bytes) => bytes > 60 * (round + 1)), 'all have said something');
      await first.kill();
      const ids = [...first.output.matchAll(/^shell (\w+)/gm)].map(([, id]) => id);
      const window = open();
      const shells = await window.recover();
      assert.deepEqual(new Set(shells.map(({ id }) => id)), new Set(ids));
      const before = new Map(shells.map((shell) => [shell.id, shell.output.end]));
      await eventually(() => shells.every(({ id, output }) => output.end > (before.get(id) ?? 0) + 150), 'all go on');
      for (const shell of shells) {
        assert.equal(shell.info.command, counter);
        assert.equal(shell.status.kind, 'running');
        // A quarter of a second, on a machine that has other things to do.
        const missing = missingIn(await readAll(shell));
        assert.ok(missing < 600, `round ${round}: ${missing} bytes are missing`);
        const { head, droppedBytes, tail, from } = shell.unread.peek(false);
        assert.deepEqual([from, head.length + droppedBytes + tail.length], [0, shell.output.end]);
      }
      assert.equal(await window.registry.killAll(), 8);
      assert.deepEqual(
        new Set(shells.map(({ status }) => JSON.stringify(status))),
        new Set(['{"kind":"killed","code":143}']),
      );
      assert.equal(window.told.length, 1);
      assert.match(window.told[0] ?? '', /^8 shells went on after the crash and are shown again: exec 9</);
      await window.close();
    }
  });

  it('lose nothing at all of what had been said a moment before', async () => {
    const go = path.join(ground.root, 'go');
    const first = await host([`seq 1 50; while [ ! -e '${go}' ]; do sleep 0.01; done; seq 51 100; sleep 1000`]);
    const stored = path.join(ground.root, 'workspace', 'shells', session);
    const size = (): number =>
      fs.existsSync(stored)
        ? fs.readdirSync(stored).reduce((sum, name) => sum + fs.statSync(path.join(stored, name)).size, 0)
        : 0;
    await eventually(() => size() === 141, 'it is stored');
    await first.kill();
    fs.writeFileSync(go, '');
    const shell = only(await open().recover());
    await eventually(() => shell.output.end === 292, 'the rest has come');
    assert.equal(await textOf(shell), counted.slice(0, 292));
    assert.equal(shell.lastLine, '100');
    await shell.kill();
    assert.deepEqual(sleepers(1000), []);
  });

  it('that have ended meanwhile tell their exit code, what they said, and their end once', async () => {
    const go = path.join(ground.root, 'go');
    const wait = `while [ ! -e '${go}' ]; do sleep 0.01; done`;
    const first = await host([
      `${wait}; echo out; echo err >&2; exit 7`,
      `${wait}; kill -9 $$`,
      `${wait}; sleep 1000 & exit 3`,
    ]);
    await first.kill();
    fs.writeFileSync(go, '');
    await eventuallySeen(() => sleepers(1000).length === 1, 'the last has begun');
    await eventuallySeen(
      () => ground.processes().filter(({ command }) => command.includes('greenroom-shell')).length === 0,
      'all have ended',
    );
    const window = open();
    const shells = await window.recover();
    await eventually(() => shells.every(({ status }) => status.kind !== 'running'), 'their ends are known');
    assert.deepEqual(
      shells.map(({ status }) => (status.kind === 'leftRunning' ? { ...status, pids: status.pids.length } : status)),
      [
        { kind: 'exited', code: 7 },
        { kind: 'exited', code: 137 },
        { kind: 'leftRunning', code: 3, pids: 1 },
      ],
    );
    const [told] = shells;
    assert.ok(told);
    assert.equal((await textOf(told)).split('\n').toSorted().join(), ',err,out');
    const note = window.registry.completions.take(session) ?? '';
    assert.deepEqual(
      [...note.matchAll(/exit code: (\d+)/g)].map(([, code]) => code),
      ['7', '137'],
    );
    assert.match(note, /\| out/);
    assert.equal(window.registry.completions.take(session), undefined);
    assert.deepEqual(await shells[2]?.kill(), { kind: 'ended', status: { kind: 'killed', code: 3 } });
  });

  it('that flood wait while nobody reads, and lose nothing', async () => {
    const go = path.join(ground.root, 'go');
    const first = await host([`while [ ! -e '${go}' ]; do sleep 0.01; done; seq 1 300000; echo end`]);
    await first.kill();
    fs.writeFileSync(go, '');
    await eventuallySeen(() => ground.processes().some(({ command }) => command.startsWith('seq')), 'it floods');
    const shell = only(await open().recover());
    await eventually(() => !shell.isActive, 'it ends');
    const expected = `${Array.from({ length: 300_000 }, (_, at) => `${at + 1}\n`).join('')}end\n`;
    assert.ok((await textOf(shell)) === expected);
    assert.deepEqual(shell.status, { kind: 'exited', code: 0 });
  });

  it('say what they said last even if they end with their window', async () => {
    for (let round = 0; round < rounds; round++) {
      const go = path.join(ground.root, `go${round}`);
      const first = await host([`while [ ! -e '${go}' ]; do :; done; echo last words; exit 4`]);
      first.child.kill('SIGSTOP');
      fs.writeFileSync(go, '');
      await eventuallySeen(
        () => !ground.processes().some(({ command }) => command.includes('greenroom-shell')),
        'it ends',
      );
      await first.kill();
      const window = open();
      const shell = only(await window.recover());
      await eventually(() => !shell.isActive, 'its end is known');
      assert.deepEqual([shell.status, await textOf(shell)], [{ kind: 'exited', code: 4 }, 'last words\n']);
      await window.close();
    }
  });

  it('keep their time limit, their start, and what the model has read', async () => {
    const first = await host(['2:echo one; echo two; sleep 1000'], { readAtOnce: 'one\n' });
    await first.until(([bytes]) => bytes === 8, 'it has said something');
    const killedAt = Date.now();
    await first.kill();
    const shell = only(await open().recover());
    assert.ok(shell.startedAt < killedAt && shell.elapsedMs >= Date.now() - shell.startedAt - 50);
    assert.deepEqual([shell.options.timeoutSeconds, shell.unread.from], [2, 4]);
    await eventually(() => !shell.isActive, 'its time is up');
    assert.ok(Date.now() - shell.startedAt < 4_000);
    assert.deepEqual(shell.status, { kind: 'failed', reason: 'auto-killed after 2 s timeout' });
    assert.deepEqual(sleepers(1000), []);
  });

  it('survive one crash after the other, and end with the last window', async () => {
    const first = await host(['sleep 1000', 'sleep 1001'], withReaper);
    await first.kill();
    const second = await host(['sleep 1002'], withReaper);
    assert.equal([...second.output.matchAll(/^taken /gm)].length, 2);
    assert.match(second.output, /^told 2 shells went on after the crash and are shown again: sleep 1000, sleep 1001$/m);
    await second.kill();
    const third = await host([]);
    assert.equal([...third.output.matchAll(/^taken /gm)].length, 3);
    await third.close();
    await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
    assert.deepEqual(ground.ledgers(), []);
  });

  it('run as ever where there is no place for what would outlive their window', async () => {
    fs.mkdirSync(path.join(ground.root, 'workspace'));
    const kept = path.join(ground.root, 'workspace', 'kept');
    fs.writeFileSync(kept, '');
    const window = open();
    const shell = await window.start('echo said; exit 5');
    await eventually(() => !shell.isActive, 'it ends');
    assert.deepEqual([shell.status, await textOf(shell)], [{ kind: 'exited', code: 5 }, 'said\n']);
    assert.match(ground.log.lines.join('\n'), /^warn a shell cannot be taken back after a crash: E/m);
    ground.log.lines.length = 0;
    fs.rmSync(kept);
  });
});
