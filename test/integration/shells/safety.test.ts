import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasGroup, signalGroup, startTimeOf } from '../../../src/platform/processTable.ts';
import { alive } from '../pty/harness.ts';

describe('A signal to a whole group', () => {
  it('goes to a group whose leader is the one that is meant, and to no other', async () => {
    const child = spawn('/bin/sh', ['-c', 'sleep 1000 & wait'], { detached: true, stdio: 'ignore' });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    assert.ok(pid > 1);
    const startTime = await startTimeOf(pid);
    assert.equal(signalGroup({ pid, startTime: '1' }, 'SIGKILL'), undefined, 'another start time');
    assert.equal(signalGroup({ pid, startTime: undefined }, 'SIGKILL'), undefined);
    assert.ok(alive(pid) && hasGroup(pid));
    assert.equal(signalGroup({ pid, startTime }, 'SIGKILL'), 'alive');
    await once(child, 'exit');
    assert.equal(signalGroup({ pid, startTime }, 'SIGKILL'), undefined, 'it has been waited for');
  });

  it('never goes to init, to everybody, to our own group or to what is no number', () => {
    for (const pid of [1, 0, -1, -2, Number.NaN, 1.5, process.pid]) {
      assert.equal(signalGroup({ pid, startTime: '1' }, 'SIGCONT'), undefined, String(pid));
    }
    for (const pid of [1, 0, -1, Number.NaN]) {
      assert.equal(hasGroup(pid), false, String(pid));
    }
  });

  it('does not go to a group by the pid of one that is not its leader', async () => {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    assert.equal(signalGroup({ pid, startTime: await startTimeOf(pid) }, 'SIGKILL'), undefined);
    assert.ok(alive(pid));
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
