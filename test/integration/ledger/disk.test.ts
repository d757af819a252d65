import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { escapist, escapistPids, Ground } from './harness.ts';

/** Commands of the system, where they are there at all. */
const [mount, unmount] = ['mount', 'umount'] as const;

/** A small disk of our own; only the administrator of Linux may make one. */
function mountSmallDisk(folder: string): boolean {
  try {
    fs.mkdirSync(folder);
    execFileSync(mount, ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('A ledger that cannot be written', function () {
  if (process.platform !== 'linux') this.pending = true;
  let ground: Ground;
  let disk: string;
  let isMounted: boolean;

  beforeEach(() => {
    ground = new Ground();
    disk = path.join(ground.root, 'disk');
    isMounted = mountSmallDisk(disk);
  });
  afterEach(() => {
    const left = ground.processes();
    if (isMounted) {
      execFileSync(unmount, [disk]);
    }
    ground.dispose();
    assert.deepEqual(left, []);
  });

  const troubles: readonly { readonly name: string; readonly prepare: (folder: string) => void }[] = [
    {
      name: 'on a full disk',
      prepare: (folder) => {
        fs.mkdirSync(folder);
        const fd = fs.openSync(path.join(disk, 'ballast'), 'w');
        try {
          for (;;) {
            fs.writeSync(fd, Buffer.alloc(4096));
          }
        } catch {
          // Full.
        }
        fs.closeSync(fd);
      },
    },
    {
      name: 'on a read-only disk',
      prepare: () => execFileSync(mount, ['-o', 'remount,ro', disk]),
    },
  ];
  for (const { name, prepare } of troubles) {
    it(`keeps no process from starting (${name}), is told once, and the reaper ends everything all the same`, async function () {
      if (!isMounted) this.skip();
      const folder = path.join(disk, 'processes');
      prepare(folder);
      const host = await ground.host({ folder }, [escapist, escapist]);
      await host.pids(2 * escapistPids);
      assert.equal(host.output.match(/^trouble Greenroom cannot write down/gm)?.length, 1);
      await host.kill();
      await ground.untilGone();
    });
  }

  it('keeps no process from starting where the folder is a file, and ends in order', async () => {
    const folder = path.join(ground.root, 'processes');
    fs.writeFileSync(folder, '');
    const host = await ground.host({ folder }, [escapist]);
    await host.pids(escapistPids);
    assert.equal(host.output.match(/^trouble /gm)?.length, 1);
    await host.close();
    await ground.untilGone();
    assert.equal(await ground.recover(), undefined);
  });
});
