import assert from 'node:assert/strict';
import { findSkills, type GuidanceFiles, instructionsFor } from '../../../src/core/guidance.ts';
import { skillTool } from '../../../src/core/tools/skill.ts';

function filesOf(texts: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}): GuidanceFiles {
  const real = (path: string): string => {
    const link = Object.keys(links).find((name) => path === name || path.startsWith(`${name}/`));
    return link === undefined ? path : (links[link] ?? '') + path.slice(link.length);
  };
  return {
    realPath: (path) => Promise.resolve(real(path)),
    readText: (path) => {
      const text = texts[real(path)];
      return text === undefined ? Promise.reject(new Error('none')) : Promise.resolve(text);
    },
    list: (folder) => {
      const below = [...Object.keys(texts), ...Object.keys(links)]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1).split('/')[0] ?? '');
      return below.length === 0 ? Promise.reject(new Error('none')) : Promise.resolve([...new Set(below)]);
    },
  };
}

const where = { cwd: '/repo/packages/a', projectRoot: '/repo', home: '/home/me' };

describe('What a project wants of an agent', () => {
  it('is said by AGENTS.md and CLAUDE.md, the nearest first and the person’s own last', async () => {
    const texts = await instructionsFor(
      where,
      filesOf({
        '/repo/AGENTS.md': 'of the project',
        '/repo/packages/a/CLAUDE.md': 'of the package',
        '/repo/packages/b/CLAUDE.md': 'of another',
        '/AGENTS.md': 'of nobody',
        '/home/me/.claude/CLAUDE.md': 'my own',
      }),
    );
    assert.deepEqual(texts, [
      '# Instructions from /repo/packages/a/CLAUDE.md\n\nof the package',
      '# Instructions from /repo/AGENTS.md\n\nof the project',
      '# Instructions from /home/me/.claude/CLAUDE.md\n\nmy own',
    ]);
  });

  it('is said once where two files are the same, and is bounded', async () => {
    const texts = await instructionsFor(
      where,
      filesOf(
        { '/repo/AGENTS.md': 'x'.repeat(50_000), '/repo/packages/AGENTS.md': 'y'.repeat(50_000) },
        { '/repo/CLAUDE.md': '/repo/AGENTS.md' },
      ),
    );
    assert.equal(texts.length, 2);
    assert.ok(texts.every((text) => text.endsWith('[… cut off here …]') && text.length < 40_200));
  });

  it('is not read through a link that leads out of the project', async () => {
    const files = filesOf(
      { '/home/me/.ssh/id': 'secret', '/home/me/skill/SKILL.md': '---\ndescription: x\n---' },
      { '/repo/AGENTS.md': '/home/me/.ssh/id', '/repo/.claude/skills/x': '/home/me/skill' },
    );
    assert.deepEqual([await instructionsFor(where, files), await findSkills(where, files)], [[], []]);
  });

  it('may be a skill: its name and what it is for, the nearest of a name, and the person’s own', async () => {
    const files = filesOf({
      '/repo/packages/a/.claude/skills/release/SKILL.md':
        '---\nname: release\ndescription: "Makes a release"\n---\nFirst test.',
      '/repo/.agents/skills/release/SKILL.md': '---\nname: release\ndescription: another\n---\n',
      '/repo/.agents/skills/review/SKILL.md':
        '---\r\ndescription: >\r\n  Reviews a change,\r\n  line by line\r\n---\r\n',
      '/repo/.agents/skills/broken/SKILL.md': 'no head',
      '/home/me/.claude/skills/mine/SKILL.md': '---\nname: mine\ndescription: My own\n---\n',
    });
    const skills = await findSkills(where, files);
    assert.deepEqual(
      skills.map(({ name, description }) => `${name}: ${description}`),
      ['release: Makes a release', 'review: Reviews a change, line by line', 'mine: My own'],
    );
    const prepared = skillTool(skills, files).prepare({ name: 'release' });
    assert.ok('run' in prepared);
    const context = {
      sessionId: 's',
      toolCallId: 'c',
      cwd: '/repo',
      signal: new AbortController().signal,
      progress: () => undefined,
    };
    const { text } = await prepared.run(context);
    assert.match(
      text,
      /^\(from \/repo\/packages\/a\/\.claude\/skills\/release\/SKILL\.md.*\n\n---[\s\S]*First test\.$/,
    );
    const unknown = skillTool(skills, files).prepare({ name: '../../etc/passwd' });
    assert.ok('run' in unknown);
    assert.equal(
      (await unknown.run(context)).text,
      'There is no skill ../../etc/passwd. There are: release, review, mine.',
    );
  });
});
