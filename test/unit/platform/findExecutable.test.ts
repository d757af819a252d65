import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findExecutable } from '../../../src/platform/findExecutable.ts';

describe('findExecutable', () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'fe-')));
    for (const folder of ['a', 'b', 'c']) {
      mkdirSync(path.join(root, folder));
    }
    writeFileSync(path.join(root, 'a', 'tool'), '');
    for (const folder of ['b', 'c']) {
      writeFileSync(path.join(root, folder, 'tool'), '#!/bin/sh\n');
      chmodSync(path.join(root, folder, 'tool'), 0o755);
    }
    mkdirSync(path.join(root, 'a', 'folder'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const find = (name: string, searchPath: readonly string[], places: readonly string[] = []): string | undefined =>
    findExecutable(name, { path: searchPath.map((folder) => path.join(root, folder)).join(path.delimiter), places });

  it('takes the first folder of the path that has it as a program', () => {
    assert.equal(find('tool', ['a', 'b', 'c']), path.join(root, 'b', 'tool'));
  });

  it('then looks into the usual places', () => {
    assert.equal(find('tool', ['a'], [path.join(root, 'none'), path.join(root, 'c')]), path.join(root, 'c', 'tool'));
    assert.equal(find('tool', ['a']), undefined);
    assert.equal(find('folder', ['a']), undefined);
  });

  it('takes a path as it is', () => {
    assert.equal(findExecutable(path.join(root, 'b', 'tool'), { path: '', places: [] }), path.join(root, 'b', 'tool'));
    assert.equal(findExecutable(path.join(root, 'a', 'tool'), { path: '', places: [] }), undefined);
  });

  it('never looks into the current folder', () => {
    const before = process.cwd();
    process.chdir(path.join(root, 'b'));
    try {
      assert.equal(
        findExecutable('tool', { path: `.${path.delimiter}${path.delimiter}../c`, places: [''] }),
        undefined,
      );
    } finally {
      process.chdir(before);
    }
  });
});
