import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { workFiles } from '../../../src/platform/workFiles.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';

const tries = 20_000;
const swapper = fileURLToPath(import.meta.resolve('./folderSwapper.ts'));

describe('Files for tools', () => {
  let store: ReturnType<typeof makeStoreFolder>;
  const at = (...names: string[]): string => path.join(store.root, ...names);
  beforeEach(() => {
    store = makeStoreFolder();
    fs.mkdirSync(store.root, { recursive: true });
  });
  afterEach(() => store.dispose());

  it('are made with their folders, replaced as a whole, and keep their rights', async () => {
    assert.deepEqual(await workFiles.write(at('a', 'b', 'run.sh'), 'one'), { kind: 'written' });
    fs.chmodSync(at('a', 'b', 'run.sh'), 0o755);
    assert.deepEqual(await workFiles.write(at('a', 'b', 'run.sh'), 'two ä'), { kind: 'written' });
    assert.deepEqual(
      [
        fs.readFileSync(at('a', 'b', 'run.sh'), 'utf8'),
        fs.statSync(at('a', 'b', 'run.sh')).mode & 0o777,
        fs.readdirSync(at('a', 'b')),
      ],
      ['two ä', 0o755, ['run.sh']],
    );
  });

  it('are not written through a link, at the end of the path or in its middle, and not over a folder', async () => {
    fs.mkdirSync(at('outside'));
    fs.mkdirSync(at('inside'));
    fs.symlinkSync(at('outside'), at('inside', 'link'));
    fs.writeFileSync(at('outside', 'a.txt'), 'old');
    fs.symlinkSync(at('outside', 'a.txt'), at('inside', 'a.txt'));
    assert.deepEqual(await workFiles.write(at('inside', 'link', 'new.txt'), 'x'), { kind: 'link' });
    assert.deepEqual(await workFiles.write(at('inside', 'a.txt'), 'x'), { kind: 'link' });
    assert.equal((await workFiles.write(at('inside'), 'x')).kind, 'failed');
    assert.deepEqual(
      [fs.readdirSync(at('outside')), fs.readFileSync(at('outside', 'a.txt'), 'utf8')],
      [['a.txt'], 'old'],
    );
  });

  it('that cannot be written say why', async () => {
    fs.writeFileSync(at('file'), '');
    const result = await workFiles.write(at('file', 'below'), 'x');
    assert.ok(result.kind !== 'written');
  });

  it('are listed and read as what they are', async () => {
    fs.writeFileSync(at('a.txt'), 'hello');
    fs.mkdirSync(at('b'));
    fs.symlinkSync('a.txt', at('c'));
    fs.symlinkSync('nowhere', at('d'));
    assert.deepEqual(
      [...(await workFiles.list(store.root))]
        .sort((x, y) => (x.name < y.name ? -1 : 1))
        .map(({ name, kind, isLink }) => [name, kind, isLink]),
      [
        ['a.txt', 'file', false],
        ['b', 'folder', false],
        ['c', 'file', true],
        ['d', 'other', true],
      ],
    );
    const read = await workFiles.read(at('c'), 3);
    assert.deepEqual([Buffer.from(read.bytes).toString(), read.size], ['hel', 5]);
    assert.equal(read.realPath, fs.realpathSync(at('a.txt')));
    assert.equal(await workFiles.info(at('none')), undefined);
  });

  it(`never land elsewhere while somebody exchanges a folder for a link, in ${tries} tries`, async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    this.timeout(120_000);
    const [folder, outside] = [at('folder'), at('outside')];
    fs.mkdirSync(folder);
    fs.mkdirSync(outside);
    const attacker = spawn(process.execPath, [swapper, folder, outside], { stdio: ['ignore', 'pipe', 'ignore'] });
    const gone = new Promise((resolve) => attacker.on('exit', resolve));
    try {
      await new Promise((resolve) => attacker.stdout.once('data', resolve));
      const kinds = { written: 0, link: 0, failed: 0 };
      const isAttacked = (): boolean => kinds.written > 0 && kinds.link > 0;
      // On a busy machine the other process may hardly get to run: then there are more tries.
      for (let n = 0; n < tries || (n < 20 * tries && !isAttacked()); n++) {
        kinds[(await workFiles.write(path.join(folder, `file-${n % 50}`), 'x')).kind] += 1;
      }
      assert.deepEqual(fs.readdirSync(outside), []);
      assert.ok(isAttacked(), `the attack was none: ${JSON.stringify(kinds)}`);
    } finally {
      attacker.kill('SIGKILL');
      await gone;
    }
  });
});
