import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { diskFiles } from '../../../src/platform/diskFiles.ts';
import { commandVerdict } from '../../support/approvals.ts';

const runs = process.env['GREENROOM_LONG'] === '1' ? 5_000 : 400;

/** What stands below a folder, with the contents. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
      const file = path.join(folder, name);
      return [name, statSync(file).isFile() ? readFileSync(file, 'utf8') : 'a folder'];
    }),
  );
}

/** Lines that the mode Auto allows are really run, with real programs, in a folder of their own. */
describe('a command line that Auto allows, in a real shell', function () {
  this.timeout(600_000);
  let root: string;
  let work: string;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'pf-')));
    work = path.join(root, 'w');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function prepare(): void {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(path.join(work, '.git', 'hooks'), { recursive: true });
    mkdirSync(path.join(work, 'd'));
    writeFileSync(path.join(work, '.git', 'config'), 'config\n');
    writeFileSync(path.join(work, 'a'), 'a\n');
    writeFileSync(path.join(work, 'list'), '.git/config\n');
    symlinkSync('.git/hooks', path.join(work, 'link'));
    symlinkSync('.git/config', path.join(work, 'file'));
  }

  // No way up, and nothing absolute: whatever is wrongly allowed stays in the folder.
  const target = fc.constantFrom(
    'a',
    'd',
    'd/x',
    'b',
    '.git',
    '.git/x',
    '.git/config',
    './.git/config',
    '.git/hooks/pre-commit',
    'link/x',
    'link',
    'file',
    '.g*/config',
    '.gi?/x',
    '.[g]it/config',
    '*/config',
    '{a,.git/config}',
    '{.git,d}/x',
    '"$V"',
    '$V/config',
    '"$W"/x',
    '$(echo .git)/x',
    '`echo .git`/x',
    '".g""it"/config',
    '.g\\it/config',
    "'.git/'config",
    'config',
    'hooks/x',
    '*',
    '.*',
  );
  const step = fc.oneof(
    target.map((to) => `echo evil > ${to}`),
    target.map((to) => `echo evil >> ${to}`),
    target.map((to) => `rm -f ${to}`),
    target.map((to) => `touch ${to}`),
    target.map((to) => `cp a ${to}`),
    target.map((to) => `mv a ${to}`),
    target.map((to) => `mv ${to} d/`),
    target.map((to) => `tee ${to} < a`),
    target.map((to) => `mkdir -p ${to}`),
    target.map((to) => `sed -i s/c/x/ ${to}`),
    target.map((to) => `ln -sf a ${to}`),
    target.map((to) => `chmod 600 ${to}`),
    target.map((to) => `dd if=a of=${to} status=none`),
    target.map((to) => `truncate -s 0 ${to}`),
    target.map((to) => `cat a | tee ${to}`),
    target.map((to) => `sh -c 'echo evil > ${to.replaceAll("'", '"')}'`),
    target.map((to) => `(echo evil) > ${to}`),
    target.map((to) => `for f in ${to}; do rm -f "$f"; done`),
    target.map((to) => `V=${to}; rm -f $V`),
    target.map((to) => `find ${to} -name config -delete`),
    target.map((to) => `echo ${to} | xargs rm -f`),
    target.map((to) => `eval "echo evil > ${to.replaceAll('"', '')}"`),
    fc.constantFrom(
      'V=.git',
      'V=d',
      'W=.git/hooks',
      'cd .git',
      'cd d',
      'cd link',
      'cd "$V"',
      'true',
      'cat a',
      'ls',
      'xargs rm -f < list',
      'read V < list; rm -f "$V"',
      'sort -o .git/config a',
      'awk \'{print > ".git/config"}\' a',
      'git config user.name evil',
    ),
  );
  const line = fc
    .array(fc.tuple(step, fc.constantFrom('; ', ' && ', '\n', ' || ', ' & wait; ')), { minLength: 1, maxLength: 3 })
    .map((pairs) => pairs.flat().slice(0, -1).join(''));

  it('leaves protected files as they are', async () => {
    let allowed = 0;
    prepare();
    const before = contentOf(path.join(work, '.git'));
    await fc.assert(
      fc.asyncProperty(line, async (command) => {
        if ((await commandVerdict(command, { mode: 'auto', cwd: work, home: work }, diskFiles)).kind !== 'allow') {
          return;
        }
        allowed += 1;
        spawnSync('bash', ['-c', command], {
          cwd: work,
          env: { PATH: '/usr/bin:/bin', HOME: work },
          input: '',
          timeout: 10_000,
        });
        const after = contentOf(path.join(work, '.git'));
        prepare();
        assert.deepEqual(after, before, command);
      }),
      { numRuns: runs },
    );
    assert.ok(allowed >= runs / 20, `${allowed} of ${runs} were allowed`);
  });
});
