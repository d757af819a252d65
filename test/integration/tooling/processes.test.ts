import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findMarked, killProcess, spawnGroup, stopGroup } from '../../../scripts/lib/processes.mjs';

describe('The process helpers of the tests', function () {
  if (process.platform !== 'linux') this.pending = true;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'pr-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = (script: string) => {
    const env = { ...process.env, GREENROOM_SAMPLE: folder };
    return spawnGroup('sh', ['-c', script], { env, stdio: ['ignore', 'ignore', 'ignore'] });
  };
  const commands = (): string[] => findMarked('GREENROOM_SAMPLE', folder, folder).map(({ command }) => command);

  it('end a whole group, also one that ignores the polite signal', async () => {
    const child = start('trap "" TERM; sleep 60 & wait');
    while (!commands().includes('sleep 60')) await sleep(20);
    await stopGroup(child);
    assert.deepEqual(commands(), []);
  });

  it('find what left its group and outlived its parent', async () => {
    const child = start('setsid sleep 61 & sleep 60');
    // The program's name is seen only after it has left the group.
    while (!commands().includes('sleep 61')) await sleep(20);
    await stopGroup(child);
    const left = findMarked('GREENROOM_SAMPLE', folder, folder);
    for (const { pid } of left) killProcess(pid);
    assert.deepEqual(
      left.map(({ command }) => command),
      ['sleep 61'],
    );
  });
});
