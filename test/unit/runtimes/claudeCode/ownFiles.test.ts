import assert from 'node:assert/strict';
import type { ToolRequest } from '../../../../src/core/runtime.ts';
import { ownFiles } from '../../../../src/runtimes/claudeCode/ownFiles.ts';

describe("the CLI's own files", () => {
  const mark = ownFiles({ HOME: '/home/me' });
  const access = (kind: 'read' | 'edit', ...paths: string[]): ToolRequest['access'] =>
    mark({ toolName: 'Tool', access: kind, paths, input: {} }).access;

  it('are plans, which may be written, and long results, which may be read', () => {
    assert.equal(access('edit', '/home/me/.claude/plans/a-plan.md'), 'internal');
    assert.equal(access('read', '/home/me/.claude/plans/a-plan.md'), 'internal');
    assert.equal(access('read', '/home/me/.claude/projects/-w/0c6d/tool-results/x.txt'), 'internal');
  });

  it('are nothing else, however it is spelt', () => {
    for (const path of [
      '/home/me/.claude/settings.json',
      '/home/me/.claude/plans/../settings.json',
      '/home/me/.claude/plans/deep/x.md',
      '/home/me/.claude/plans/run.sh',
      '/home/me/.claude/plans',
      '/w/.claude/plans/a.md',
      '/home/me/.claude/projects/-w/x.jsonl',
    ]) {
      assert.equal(access('edit', path), 'edit', path);
    }
    assert.equal(access('edit', '/home/me/.claude/projects/-w/0c6d/tool-results/x.txt'), 'edit');
    assert.equal(access('read', '/home/me/.claude/projects/-w/0c6d/tool-results/../../../../.ssh/id'), 'read');
    assert.equal(access('read', '/home/me/.claude/plans/a.md', '/etc/passwd'), 'read');
    assert.equal(
      ownFiles({})({ toolName: 'Write', access: 'edit', paths: ['/.claude/plans/a.md'], input: {} }).access,
      'edit',
    );
  });
});
