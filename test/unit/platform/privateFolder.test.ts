import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PrivateFolder } from '../../../src/platform/privateFolder.ts';

describe('PrivateFolder', () => {
  it('can be entered and read by nobody else, and goes', () => {
    const folder = PrivateFolder.create();
    const file = folder.write('secret');
    assert.equal(statSync(folder.path).mode & 0o777, 0o700);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(readFileSync(file, 'utf8'), 'secret');
    folder.remove();
    folder.remove();
    assert.equal(existsSync(folder.path), false);
  });

  it('is removed by the next host when its own has died, and only then', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const dead = path.join(os.tmpdir(), `greenroom-${pid}-abc123`);
    const foreign = path.join(os.tmpdir(), `greenroom-${pid}-notes`);
    mkdirSync(dead);
    mkdirSync(foreign);
    const alive = PrivateFolder.create();
    try {
      PrivateFolder.removeLeftovers();
      assert.deepEqual(
        [dead, foreign, alive.path].map((folder) => existsSync(folder)),
        [false, true, true],
      );
    } finally {
      alive.remove();
      rmSync(foreign, { recursive: true });
    }
  });
});
