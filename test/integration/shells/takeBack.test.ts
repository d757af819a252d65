import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Shell } from '../../../src/core/shells/shell.ts';
import type { HostIdentity } from '../../../src/platform/hostIdentity.ts';
import { KeptFiles } from '../../../src/platform/keptFiles.ts';
import { keptFileName, keptHost } from '../../../src/platform/keptLedgers.ts';
import { encodeRecord } from '../../../src/platform/ledgerRecords.ts';
import { readStat } from '../../../src/platform/processTable.ts';
import { eventually } from '../../support/eventually.ts';
import { Ground, reaperScript } from '../ledger/harness.ts';
import { KeptWindow, readAll, type ReadPiece, session, type WindowOptions } from './keptWindow.ts';

const rounds = process.env['GREENROOM_LONG'] === '1' ? 50 : 3;
const hostFile = fileURLToPath(new URL('./keptHost.ts', import.meta.url));

/** Prints a number a line, without an end and quickly. */
const counter = 'exec 9< <(sleep 1000); while :; do i=$((i+1)); echo $i; read -t 0.01 -u 9; done';
/** The beginning of what it prints. */
const counted = Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join('');

/** Most of what windows do for each other needs none, and it takes a while to start. */
const noReaper = '';
const withReaper = { reaper: reaperScript } as const;

/** As `eventually`, for what every process of the machine is looked at for: that takes longer than most of it lasts. */
function eventuallySeen(check: () => boolean, what: string): Promise<boolean> {
  let nextAt = 0;
  const look = (): boolean => {
    if (performance.now() < nextAt) {
      return false;
    }
    const isSo = check();
    nextAt = performance.now() + 40;
    return isSo;
  };
  return eventually(look, what, 30_000);
}

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

type SerializedOptions = Partial<Omit<WindowOptions, 'log' | 'clock'>> & { readonly readAtOnce?: string };

/** A window in a process of its own, that can be killed. */
class Host {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  output = '';

  constructor(ground: Ground, options: SerializedOptions, commands: readonly string[]) {
    const all = { root: ground.root, reaper: noReaper, ...options };
    this.child = spawn(process.execPath, [hostFile, JSON.stringify(all), ...commands], {
      env: ground.environment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
  }

  async ready(): Promise<this> {
    await eventually(
      () => this.output.includes('ready\n'),
      () => `it is ready: ${this.output}`,
      30_000,
    );
    return this;
  }

  /** How many bytes each shell has said, in the order of their start. */
  said(): readonly number[] {
    return [...this.output.matchAll(/^shell (\w+)/gm)].map(([, id]) =>
      Number([...this.output.matchAll(new RegExp(`^said ${id} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0),
    );
  }

  async until(check: (said: readonly number[]) => boolean, what: string): Promise<void> {
    await eventually(
      () => check(this.said()),
      () => `${what}: ${this.output.slice(-500)}`,
      30_000,
    );
  }

  async kill(): Promise<void> {
    const exited = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await exited;
  }

  async close(): Promise<void> {
    const exited = once(this.child, 'close');
    this.child.stdin.write('close\n');
    await exited;
  }
}

describe('Shells that are to be taken back after a crash', function () {
  if (process.platform !== 'linux') this.pending = true;
  let ground: Ground;
  let windows: KeptWindow[];

  beforeEach(() => {
    ground = new Ground();
    windows = [];
  });
  afterEach(async () => {
    await Promise.all(windows.map((window) => window.close()));
    const kept = windows.flatMap((window) => window.keptFolders());
    const ledgers = ground.ledgers();
    await eventuallySeen(() => ground.processes().length === 0, 'everything ends').catch(() => undefined);
    const left = ground.processes();
    ground.dispose();
    assert.deepEqual(
      { left, kept, ledgers, log: ground.log.lines.filter((line) => !line.startsWith('info')) },
      {
        left: [],
        kept: [],
        ledgers: [],
        log: [],
      },
    );
  });

  /** Those of its commands that only sleep do so already. */
  async function host(commands: readonly string[], options: SerializedOptions = {}): Promise<Host> {
    const started = await new Host(ground, options, commands).ready();
    const asleep = commands.flatMap((command) => /^(?:\w+:)?sleep (\d+)/.exec(command)?.[1] ?? []);
    await eventuallySeen(() => asleep.every((seconds) => sleepers(Number(seconds)).length > 0), 'all sleep');
    return started;
  }

  /** The window that comes next, in this process. */
  function open(options: SerializedOptions = {}): KeptWindow {
    const all = { root: ground.root, log: ground.log, reaper: noReaper, environment: ground.environment() };
    const window = new KeptWindow({ ...all, ...options });
    windows.push(window);
    return window;
  }

  const only = ([shell, ...others]: readonly Shell[]): Shell => {
    assert.ok(shell !== undefined && others.length === 0, `${others.length + (shell ? 1 : 0)} shells`);
    return shell;
  };
  const textOf = async (shell: Shell): Promise<string> => (await readAll(shell)).map(({ text }) => text).join('');
  const sleepers = (seconds: number) =>
    ground.processes().filter(({ command }) => command.startsWith(`sleep ${seconds}`));

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

  it(`are all listed or gone when their window dies while it starts them (${rounds} times)`, async function () {
    this.timeout(rounds * 20_000);
    for (let round = 0; round < rounds; round++) {
      const commands = ['fore:sleep 1001', 'sleep 1000', 'sleep 1000 & exit 3', 'exit 4'];
      const first = new Host(ground, withReaper, [...commands, ...commands]);
      await eventuallySeen(() => ground.processes().length > 2 + 6 * round, 'it has started something');
      await first.kill();
      const window = open();
      const shells = await window.recover();
      await eventuallySeen(() => sleepers(1001).length === 0, 'what was waited for ends');
      const listed = shells.filter(({ info }) => info.command.startsWith('sleep')).length;
      await eventuallySeen(() => sleepers(1000).length <= listed, 'nothing runs that is not listed');
      await window.close();
      await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
      assert.deepEqual(ground.ledgers(), [], `round ${round}`);
      // Of one that was just being made.
      const old = new Date(Date.now() - 3_600_000);
      window
        .keptFolders()
        .forEach((name) => fs.utimesSync(path.join(ground.root, 'workspace', 'kept', name), old, old));
      await open().recover();
      assert.deepEqual(window.keptFolders(), []);
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

  it('are taken by one of two windows that start at once', async () => {
    const first = await host(['sleep 1000']);
    await first.kill();
    const both = await Promise.all([new Host(ground, {}, []).ready(), new Host(ground, {}, []).ready()]);
    assert.deepEqual(
      both.map(({ output }) => [...output.matchAll(/^taken /gm)].length).toSorted((a, b) => a - b),
      [0, 1],
    );
    assert.equal(sleepers(1000).length, 1);
    await Promise.all(both.map((each) => each.close()));
    assert.deepEqual(sleepers(1000), []);
  });

  it('are left to the window that has the sessions', async () => {
    const first = await host(['sleep 1000']);
    await first.kill();
    assert.deepEqual(await open({ ownsSessions: false }).recover(), []);
    assert.deepEqual(await open({ workspace: 'another' }).recover(), []);
    assert.equal(sleepers(1000).length, 1);
    only(await open().recover());
  });

  it('that their caller waits for end with their window, at once', async () => {
    const first = await host(['sleep 1000', 'fore:sleep 1001'], withReaper);
    await first.kill();
    await eventuallySeen(() => sleepers(1001).length === 0, 'the one that was waited for ends');
    assert.equal(sleepers(1000).length, 1);
    const window = open();
    assert.equal(only(await window.recover()).info.command, 'sleep 1000');
    assert.match(window.warned.join(), /an earlier window were still running; they were ended: .*sleep/);
  });

  it('are ended by the reaper when nobody comes in time', async () => {
    const first = await host(['sleep 1000; echo over', 'trap "" TERM; sleep 1001 & wait'], {
      ...withReaper,
      patienceMs: 300,
    });
    await first.kill();
    await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
    const window = open();
    assert.deepEqual(window.keptFolders(), []);
    assert.deepEqual(await window.recover(), []);
    assert.match(window.warned.join(), /processes of an earlier window were still running; they were ended: /);
  });

  it('are ended by the next window of any workspace when the reaper was killed too and their time is over', async () => {
    const first = await host(['sleep 1000'], { ...withReaper, patienceMs: 400 });
    for (const { pid, command } of ground.processes()) {
      if (command.includes('greenroom-reaper') && pid > 1) {
        process.kill(pid, 'SIGKILL');
      }
    }
    await eventually(() => first.output.includes('reaper has ended early'), 'the reaper ends');
    await first.kill();
    const window = open({ workspace: 'another', patienceMs: 400 });
    assert.deepEqual(await window.recover(), []);
    assert.equal(sleepers(1000).length, 1, 'it is not ended before');
    await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
    await eventually(() => window.warned.length === 1, 'the person is told');
    await open().recover();
  });

  it('are ended if that is what is wanted by now', async () => {
    const first = await host(['sleep 1000']);
    await first.kill();
    const window = open({ afterCrash: 'end' });
    assert.deepEqual(await window.recover(), []);
    assert.match(window.warned.join(), /were? ended: /);
    assert.deepEqual(sleepers(1000), []);
  });

  it('are ended if their session is not there, while those of another go on', async () => {
    const first = await host(['sleep 1000', 'other:sleep 1001']);
    await first.kill();
    const window = open();
    const shell = only(await window.recover());
    assert.deepEqual([shell.info.command, window.told.length], ['sleep 1000', 1]);
    assert.match(window.warned.join(), /processes of an earlier window were still running; they were ended: /);
    assert.deepEqual([sleepers(1000).length, sleepers(1001).length], [1, 0]);
  });

  it('are ended if none of their sessions is there', async () => {
    const first = await host(['sleep 1000']);
    await first.kill();
    const window = open({ sessions: [] });
    assert.deepEqual(await window.recover(), []);
    assert.match(window.warned.join(), /were? ended: /);
    assert.deepEqual(sleepers(1000), []);
  });

  it('live on while everything else of their window ends: terminals, and what was started before', async () => {
    const first = await host(['sleep 1000', 'tty:sleep 1001'], withReaper);
    await first.kill();
    await eventuallySeen(() => sleepers(1001).length === 0, 'the terminal ends');
    assert.equal(sleepers(1000).length, 1);
    const shell = only(await open().recover());
    assert.equal(shell.info.command, 'sleep 1000');
  });

  it('are ended when their card is damaged, and nothing that it says is done', async () => {
    const first = await host(['sleep 1000', 'sleep 1001']);
    await first.kill();
    const kept = path.join(ground.root, 'workspace', 'kept');
    const [id] = /^shell (\w+)/m.exec(first.output)?.slice(1) ?? [];
    const card = path.join(kept, id ?? '', 'card.json');
    fs.writeFileSync(card, fs.readFileSync(card, 'utf8').replace('sleep 1000', 'sleep 9999'));
    const window = open();
    const shell = only(await window.recover());
    assert.equal(shell.info.command, 'sleep 1001');
    assert.deepEqual(sleepers(1000), []);
    assert.match(window.warned.join(), /ended: /);
    const old = new Date(Date.now() - 3_600_000);
    fs.utimesSync(path.join(kept, id ?? ''), old, old);
    await open().recover();
    assert.deepEqual(fs.readdirSync(kept), [shell.id]);
  });

  it('are not read from what is no FIFO of ours', async () => {
    const first = await host(['sleep 1000']);
    await first.kill();
    const [id] = /^shell (\w+)/m.exec(first.output)?.slice(1) ?? [];
    const out = path.join(ground.root, 'workspace', 'kept', id ?? '', 'out');
    fs.rmSync(out);
    fs.symlinkSync('/etc/hostname', out);
    assert.deepEqual(await open().recover(), []);
    assert.deepEqual(sleepers(1000), []);
    assert.match(ground.log.lines.join('\n'), /cannot be taken back/);
    ground.log.lines.length = 0;
  });

  it('are never taken for a later process of the same pid, nor is that one signalled', async () => {
    const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore', env: ground.environment() });
    await once(stranger, 'spawn');
    const pid = stranger.pid ?? 0;
    const dead: HostIdentity = { ...keptHost(), pid: spawnSync(process.execPath, ['-e', '']).pid, startTime: '1' };
    const id = 'ab'.repeat(16);
    const entry = 'aaaaaaaaaaaa';
    const files = await KeptFiles.create(path.join(ground.root, 'workspace', 'kept'), id);
    files.note({ isListed: true });
    const timeoutSeconds = undefined;
    const startedAt = Date.now();
    files.writeCard({
      id,
      sessionId: session,
      ledger: dead.id,
      entry,
      command: 'x',
      cwd: '/',
      startedAt,
      timeoutSeconds,
    });
    fs.mkdirSync(path.join(ground.root, 'processes'));
    const startTime = String(Number(readStat(pid)?.startTime) + 1);
    const records = [
      { kind: 'intent', id: entry, name: 'shell' },
      { kind: 'started', id: entry, pid, startTime },
    ] as const;
    fs.writeFileSync(
      path.join(ground.root, 'processes', keptFileName(dead)),
      Buffer.concat(records.map((record) => encodeRecord(record))),
    );
    const shell = only(await open().recover());
    await eventually(() => !shell.isActive, 'it has ended');
    assert.deepEqual([shell.status, await shell.kill()], [{ kind: 'exited', code: -1 }, { kind: 'notRunning' }]);
    assert.equal(stranger.exitCode ?? stranger.signalCode, null);
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
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

  it('are ended with their window where they could not be written down', async () => {
    const ledgers = path.join(ground.root, 'processes');
    fs.writeFileSync(ledgers, '');
    const first = await host(['sleep 1000', 'sleep 1001'], withReaper);
    await first.kill();
    await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
    fs.rmSync(ledgers);
    const window = open();
    assert.deepEqual([await window.recover(), window.keptFolders()], [[], []]);
  });

  it('end in order with their window, which leaves nothing to take back', async () => {
    const first = await host(['sleep 1000 & sleep 1001', 'trap "" TERM; sleep 1002'], withReaper);
    await first.close();
    await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
    assert.deepEqual([ground.ledgers(), fs.readdirSync(path.join(ground.root, 'workspace', 'kept'))], [[], []]);
  });
});
