import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { recoverProcesses } from '../../../src/platform/ledgerRecovery.ts';
import { PrivateFolder } from '../../../src/platform/privateFolder.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { startModelServer } from '../../modelServer/modelServer.ts';
import { call, say } from '../../modelServer/steps.ts';
import { eventually } from '../../support/eventually.ts';
import { claudeCli, processesWith, silentLog, Stage } from '../claudeCode/harness.ts';
import { processesOf, reaperScript } from './harness.ts';

/** What an agent leaves in the background: as the CLI's own task, in a session of its own, and deaf to requests. */
const background = `trap "" TERM HUP; setsid sleep 1001 & nohup sleep 1002 >/dev/null 2>&1 & sleep 1003`;

describe('Claude Code with commands in the background, when its host is killed', function () {
  if (process.platform !== 'linux') this.pending = true;

  for (const transport of ['pty', 'pipe'] as const) {
    for (const hasReaper of [true, false]) {
      it(`leaves nothing behind (${transport}, ${hasReaper ? 'by the reaper' : 'by the next window'})`, async () => {
        const stage = new Stage();
        const ledgers = path.join(stage.root, 'ledgers');
        const never = Promise.withResolvers<void>();
        const server = await startModelServer({
          steps: [
            { reply: [call('Bash', { command: background, description: 'd', run_in_background: true })] },
            { reply: [say('A text that does not end.')], pause: { atChunk: 1, until: never.promise } },
          ],
        });
        const script = fileURLToPath(new URL('./claudeHost.ts', import.meta.url));
        const args = [script, transport, ledgers, hasReaper ? reaperScript : '', server.url, stage.root];
        const host = spawn(process.execPath, args, {
          stdio: ['ignore', 'inherit', 'inherit'],
          env: { ...process.env, CLAUDE_CLI: claudeCli(), GREENROOM_LEDGER_TEST: stage.root },
        });
        await server.untilMain(2);
        const sleepers = () => processesOf(stage.home).filter(({ command }) => /sleep 100[123]/.test(command));
        await eventually(
          () => ['1001', '1002', '1003'].every((n) => sleepers().some(({ command }) => command === `sleep ${n} `)),
          'the commands run',
        );
        const exited = once(host, 'exit');
        host.kill('SIGKILL');
        await exited;
        if (hasReaper) {
          await eventually(() => processesOf(stage.root).length === 0, 'all processes end');
        }
        const sentence = await recoverProcesses({ folder: ledgers, clock: systemClock, log: silentLog });
        assert.match(sentence ?? '', /processes of an earlier window were still running; they were ended: .*sleep/);
        assert.deepEqual([processesWith(stage.home), processesOf(stage.root)], [[], []]);
        await server.close();
        stage.remove();
        PrivateFolder.removeLeftovers();
      });
    }
  }
});
