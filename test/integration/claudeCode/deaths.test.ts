import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { call, say } from '../../modelServer/steps.ts';
import { NodeProcessLauncher } from '../../../src/platform/processLauncher.ts';
import { startModelServer } from '../../modelServer/modelServer.ts';
import { claudeCli, cliPid, processesWith, silentLog, Stage, TestRun } from './harness.ts';

const rounds = process.env['GREENROOM_LONG'] === '1' ? 100 : 20;

/** Resolves once nothing of a stage lives. */
async function untilGone(stage: Stage): Promise<void> {
  while (processesWith(stage.home).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('Claude Code: sudden deaths', () => {
  it(`ends the turn once and leaves nothing behind when the CLI is killed, wherever it is (${rounds} times)`, async function () {
    this.timeout(rounds * 10_000);
    const command = 'for i in 1 2 3 4 5 6 7 8 9; do echo $i; read -t 0.05 x < /dev/null; sleep 0.05; done';
    for (let round = 0; round < rounds; round++) {
      const run = await TestRun.create({
        steps: [
          { reply: [say('Some words before the tool runs.'), call('Bash', { command, description: 'd' })], delayMs: 5 },
          { reply: [say('And some words after it, one by one.')], delayMs: 10 },
        ],
      });
      // Spread over the life of a turn: the first rounds hit the start, the last ones the second answer.
      const killAfterEvents = Math.floor((round / rounds) * 40);
      const done = run.start();
      await run.until(() => run.events.length >= killAfterEvents || run.turnEnds().length > 0);
      let pid = cliPid(run.stage.home);
      while (pid === undefined && run.result === undefined) {
        await new Promise((resolve) => setImmediate(resolve));
        pid = cliPid(run.stage.home);
      }
      if (pid !== undefined && pid > 1) {
        process.kill(pid, 'SIGKILL');
      }
      const result = await done;
      assert.equal(run.turnEnds().length, 1, `round ${round}: the turn ended ${run.turnEnds().length} times`);
      const [end] = run.turnEnds();
      assert.ok(end?.type === 'turnComplete');
      if (end.stopReason === 'error') {
        assert.equal(end.error?.code, 'crashed', JSON.stringify(end));
        assert.match(end.error.message, /signal 9/);
        assert.equal(result.error?.code, 'crashed');
      }
      assert.deepEqual(run.events.at(-1)?.type, 'done');
      assert.deepEqual(processesWith(run.stage.home), [], `round ${round}: processes were left behind`);
      await run.close();
    }
    assert.deepEqual(
      readdirSync(os.tmpdir()).filter((name) => name.startsWith(`greenroom-${process.pid}-`)),
      [],
    );
  });

  it('is a failure when the program ends with 0 and no result', async () => {
    const run = await TestRun.create({ steps: [], context: { command: '/bin/true' } });
    const result = await run.start();
    assert.equal(result.error?.code, 'crashed');
    await run.close();
  });

  for (const transport of ['pty', 'pipe'] as const) {
    it(`dies with its host, two at a time (${transport})`, async () => {
      const stages = [new Stage(), new Stage()];
      const never = Promise.withResolvers<void>();
      const server = await startModelServer({
        steps: [{ reply: [say('A text that does not end.')], pause: { atChunk: 1, until: never.promise } }],
      });
      const host = spawn(
        process.execPath,
        [
          fileURLToPath(new URL('./doomedHost.ts', import.meta.url)),
          transport,
          server.url,
          ...stages.map(({ root }) => root),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, CLAUDE_CLI: claudeCli() } },
      );
      await server.untilMain(2);
      assert.ok(stages.every((stage) => cliPid(stage.home) !== undefined));
      host.kill('SIGKILL');
      await once(host, 'exit');
      await Promise.all(stages.map(untilGone));
      await server.close();
      for (const stage of stages) {
        stage.remove();
      }
      // What the host could not remove any more goes with the next one.
      await removeLeftovers(host.pid);
    });
  }

  it('works the same over pipes', async () => {
    const run = await TestRun.create({
      steps: [{ reply: [call('Bash', { command: 'echo hi', description: 'd' })] }, { reply: [say('Done.')] }],
      launcher: new NodeProcessLauncher({ log: silentLog, transport: 'pipe' }),
    });
    void run.start();
    const end = await run.untilTurns(1);
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    await run.runtime.interrupt();
    assert.equal(run.text(), 'Done.');
    await run.close();
    assert.deepEqual(processesWith(run.stage.home), []);
  });
});

/** Of one host: others run beside this one, and live. */
async function removeLeftovers(pid: number | undefined): Promise<void> {
  const { PrivateFolder } = await import('../../../src/platform/privateFolder.ts');
  const own = () => readdirSync(os.tmpdir()).filter((name) => name.startsWith(`greenroom-${String(pid)}-`));
  PrivateFolder.removeLeftovers();
  assert.deepEqual(own(), []);
}
