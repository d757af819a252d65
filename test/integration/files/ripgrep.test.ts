import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { TextSearch } from '../../../src/core/tools/workFiles.ts';
import { NodeProcessLauncher } from '../../../src/platform/processLauncher.ts';
import { ripgrep } from '../../../src/platform/ripgrep.ts';
import { slowSearch } from '../../../src/platform/slowSearch.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { toolsDir } from '../../../scripts/lib/paths.mjs';
import { makeStoreFolder } from '../../support/storeFolder.ts';

const appRoot = path.join(toolsDir, 'node_modules', 'code-server', 'lib', 'vscode');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const searches: Record<string, TextSearch> = {
  "VS Code's ripgrep": ripgrep({
    launcher: new NodeProcessLauncher({ log, transport: 'pipe' }),
    clock: systemClock,
    appRoot,
  }),
  'a search without ripgrep': slowSearch,
};

for (const [name, search] of Object.entries(searches)) {
  const isRipgrep = search !== slowSearch;
  describe(`Searching with ${name}`, () => {
    const { signal } = new AbortController();
    let store: ReturnType<typeof makeStoreFolder>;
    let root: string;
    before(() => {
      store = makeStoreFolder();
      root = path.join(store.root, 'with space');
      const files = {
        '.gitignore': 'ignored.txt\n',
        'ignored.txt': 'needle',
        '.hidden/a.ts': 'a needle: here\n',
        'src/a.ts': 'one\nNeedle two\n',
        'src/b.js': 'needle\n',
        'src/deep/c.ts': 'nothing\n',
        '.git/config': 'needle',
        'bin.dat': 'needle\0',
      };
      for (const [file, text] of Object.entries(files)) {
        fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
        fs.writeFileSync(path.join(root, file), text);
      }
    });
    after(() => store.dispose());

    const lines = async (query: {
      pattern: string;
      ignoreCase?: boolean;
      glob?: string;
      path?: string;
      most?: number;
    }) => {
      const found = await search.lines(
        { ignoreCase: false, most: 100, ...query, path: path.join(root, query.path ?? '') },
        signal,
      );
      return {
        isCut: found.isCut,
        items: found.items
          .map(({ path: file, line, text }) => `${file}:${line}: ${text}`)
          .filter((line) => isRipgrep || !line.startsWith('ignored'))
          .sort(),
      };
    };

    it('finds lines, without what is hidden away by git or is no text', async () => {
      assert.deepEqual(await lines({ pattern: 'needle' }), {
        isCut: false,
        items: ['.hidden/a.ts:1: a needle: here', 'src/b.js:1: needle'],
      });
      assert.deepEqual((await lines({ pattern: 'needle', ignoreCase: true, glob: '*.ts' })).items, [
        '.hidden/a.ts:1: a needle: here',
        'src/a.ts:2: Needle two',
      ]);
      assert.deepEqual((await lines({ pattern: '^needle$', path: 'src' })).items, ['b.js:1: needle']);
      assert.deepEqual((await lines({ pattern: 'needle', path: 'src/b.js' })).items, ['b.js:1: needle']);
      assert.deepEqual((await lines({ pattern: 'nowhere' })).items, []);
      assert.deepEqual((await lines({ pattern: '--files', path: 'src' })).items, [], 'a pattern is no option');
    });

    it('says that there is more than it gives, and what is wrong with a pattern', async () => {
      assert.equal((await lines({ pattern: 'needle', ignoreCase: true, most: 1 })).isCut, true);
      await assert.rejects(lines({ pattern: '(' }), /(regex parse error|Invalid regular expression)/);
    });

    it('finds files by their path', async () => {
      const files = async (glob: string, most = 100) => {
        const { items, isCut } = await search.files({ glob, folder: root, most }, signal);
        return isCut ? 'cut' : [...items].sort();
      };
      assert.deepEqual(await files('**/*.ts'), ['.hidden/a.ts', 'src/a.ts', 'src/deep/c.ts']);
      assert.deepEqual(await files('*.js'), ['src/b.js']);
      assert.deepEqual(await files('src/*.ts'), ['src/a.ts']);
      assert.equal(await files('**/*', 2), 'cut');
    });

    it('is not held up by a pattern that goes back and forth without end', async () => {
      fs.writeFileSync(path.join(root, 'long.txt'), `${'a'.repeat(60)}!`);
      fs.writeFileSync(path.join(root, 'a'.repeat(200)), '');
      const started = performance.now();
      const query = lines({ pattern: '^(a+)+$', path: 'long.txt' });
      await (isRipgrep ? query : assert.rejects(query, /takes too long/));
      const glob = `${'*a'.repeat(12)}*b`;
      const files = search.files({ glob, folder: root, most: 10 }, signal);
      await (isRipgrep ? files : assert.rejects(files, /takes too long/));
      assert.ok(performance.now() - started < 10_000);
      fs.rmSync(path.join(root, 'long.txt'));
      fs.rmSync(path.join(root, 'a'.repeat(200)));
    });

    it('is ended when it is stopped', async () => {
      const stopped = search.lines({ pattern: 'x', ignoreCase: false, path: root, most: 10 }, AbortSignal.abort());
      await (isRipgrep ? stopped : assert.rejects(stopped));
    });

    it('says when it is not the usual one', async () => {
      const { note } = await search.files({ glob: '*', folder: root, most: 1 }, signal);
      assert.equal(note === undefined, isRipgrep);
    });
  });
}
