import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { diskFiles } from '../../../src/platform/diskFiles.ts';
import { findRepositoryFiles } from '../../../src/platform/repositoryFiles.ts';
import { commandVerdict, toolCall, verdictOf } from '../../support/approvals.ts';

describe('files on a disk', () => {
  let root: string;
  let work: string;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'df-')));
    work = path.join(root, 'w');
    mkdirSync(path.join(work, '.git'), { recursive: true });
    mkdirSync(path.join(root, 'outside'));
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('resolve as far as they exist, links and dangling links included', async () => {
    symlinkSync(path.join(root, 'outside'), path.join(work, 'link'));
    symlinkSync(path.join(root, 'outside', 'not-yet'), path.join(work, 'dangling'));
    symlinkSync('loop', path.join(work, 'loop'));
    const real = (name: string): Promise<string> => diskFiles.realPath(path.join(work, name));
    assert.equal(await real('new/file.txt'), path.join(work, 'new/file.txt'));
    assert.equal(await real('link/deep/er.txt'), path.join(root, 'outside/deep/er.txt'));
    assert.equal(await real('dangling'), path.join(root, 'outside/not-yet'));
    assert.equal(await real('dangling/x'), path.join(root, 'outside/not-yet/x'));
    assert.equal(await real('loop'), path.join(work, 'loop'));
  });

  it('are judged by where a write would end', async () => {
    symlinkSync(path.join(root, 'outside'), path.join(work, 'link'));
    symlinkSync(path.join(work, '.git'), path.join(work, 'innocent'));
    symlinkSync(path.join(root, 'outside', 'not-yet'), path.join(work, 'dangling'));
    const options = { cwd: work, grants: [`edit:${work}`], mode: 'acceptEdits' } as const;
    const verdicts = await Promise.all(
      ['a.txt', 'link/a.txt', 'innocent/config', 'dangling', 'sub/../../x'].map((name) =>
        verdictOf(toolCall('edit', { paths: [name] }), options, diskFiles),
      ),
    );
    assert.deepEqual(verdicts, ['allow', 'ask', 'ask', 'ask', 'ask']);
  });

  it('are judged by where the system ends up that follows a link before it goes up', async () => {
    mkdirSync(path.join(root, 'outside', 'deep'));
    symlinkSync(path.join(root, 'outside', 'deep'), path.join(work, 'link'));
    const options = { cwd: work, mode: 'auto' } as const;
    assert.equal(await verdictOf(toolCall('edit', { paths: ['link/../stolen'] }), options, diskFiles), 'ask');
    mkdirSync(path.join(work, '.git', 'hooks'));
    symlinkSync(path.join(work, '.git', 'hooks'), path.join(work, 'hooks'));
    assert.equal((await commandVerdict('echo x > hooks/../config', options, diskFiles)).kind, 'ask');
    assert.equal((await commandVerdict('echo x > sub/../mine', options, diskFiles)).kind, 'allow');
  });

  it('are asked for each time where they have another name, because what changes here changes there', async () => {
    writeFileSync(path.join(work, '.git', 'config'), '');
    linkSync(path.join(work, '.git', 'config'), path.join(work, 'innocent.txt'));
    const options = { cwd: work, mode: 'auto', grants: [`edit:${work}`] } as const;
    assert.equal(await verdictOf(toolCall('edit', { paths: ['innocent.txt'] }), options, diskFiles), 'ask');
  });

  it('give text only where there is text', async () => {
    writeFileSync(path.join(work, 'text'), 'grün');
    writeFileSync(path.join(work, 'binary'), Buffer.from([1, 0, 2]));
    writeFileSync(path.join(work, 'latin1'), Buffer.from([0xe9, 0x20]));
    const read = (name: string): Promise<string | undefined> => diskFiles.readText(path.join(work, name));
    assert.deepEqual(await Promise.all(['text', 'binary', 'latin1', 'missing', '.git'].map(read)), [
      'grün',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('that let a repository act are found here and above, and known by their content', async () => {
    const names = ['.mcp.json', '.claude/skills'];
    assert.equal(await findRepositoryFiles(work, names), undefined);
    writeFileSync(path.join(root, '.mcp.json'), '{}');
    const first = await findRepositoryFiles(work, names);
    assert.deepEqual(first?.paths, [path.join(root, '.mcp.json')]);
    assert.equal((await findRepositoryFiles(work, names))?.digest, first?.digest);
    writeFileSync(path.join(root, '.mcp.json'), '{"mcpServers":{}}');
    const second = await findRepositoryFiles(work, names);
    assert.notEqual(second?.digest, first?.digest);
    mkdirSync(path.join(work, '.claude/skills/deep'), { recursive: true });
    assert.equal((await findRepositoryFiles(work, names))?.digest, second?.digest);
    writeFileSync(path.join(work, '.claude/skills/deep/SKILL.md'), '!`run me`');
    const third = await findRepositoryFiles(work, names);
    assert.deepEqual([third?.paths.length, third?.digest === second?.digest], [2, false]);
    for (const name of ['a', 'b']) {
      symlinkSync('.', path.join(work, '.claude/skills/deep', name));
    }
    assert.notEqual((await findRepositoryFiles(work, names))?.digest, (await findRepositoryFiles(work, names))?.digest);
  });
});
