// A small git repository to work in, made from sample/.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';

/** Fills an empty folder with the sample and commits it, without touching anybody's git settings. */
export function createSampleFolder(/** @type {string} */ folder) {
  cpSync(path.join(root, 'sample'), folder, { recursive: true });
  const identity = ['-c', 'user.name=Greenroom', '-c', 'user.email=sample@localhost', '-c', 'commit.gpgsign=false'];
  const git = (/** @type {string[]} */ ...args) =>
    spawnSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'A small program with a failing test');
  return folder;
}
