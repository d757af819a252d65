import assert from 'node:assert/strict';
import { accessOf, titleOf, toolRequest } from '../../../../src/runtimes/claudeCode/tools.ts';

const facts = (toolName: string, input: unknown) => {
  const { access, paths, command, change } = toolRequest({ toolCallId: 't', toolName, input });
  return { access, paths, ...(command === undefined ? {} : { command }), ...(change === undefined ? {} : { change }) };
};

describe('The tools of Claude Code', () => {
  it('have the access that approvals are decided by', () => {
    assert.deepEqual(
      ['Read', 'Write', 'Bash', 'WebFetch', 'TodoWrite', 'mcp__server__tool', 'SomethingNew', 'constructor'].map(
        accessOf,
      ),
      ['read', 'edit', 'execute', 'network', 'internal', 'other', 'other', 'other'],
    );
  });

  it('name their paths, their command and what they change', () => {
    assert.deepEqual(facts('Read', { file_path: '/a' }), { access: 'read', paths: ['/a'] });
    assert.deepEqual(facts('Bash', { command: 'ls /etc', description: 'd' }), {
      access: 'execute',
      paths: [],
      command: 'ls /etc',
    });
    assert.deepEqual(facts('Write', { file_path: '/a', content: 'x' }), {
      access: 'edit',
      paths: ['/a'],
      change: { path: '/a', content: 'x' },
    });
    assert.deepEqual(facts('Edit', { file_path: '/a', old_string: 'x', new_string: 'y', replace_all: true }).change, {
      path: '/a',
      replacements: [{ oldText: 'x', newText: 'y', all: true }],
    });
    assert.deepEqual(facts('MultiEdit', { file_path: '/a', edits: [{ old_string: 'x', new_string: 'y' }] }).change, {
      path: '/a',
      replacements: [{ oldText: 'x', newText: 'y', all: false }],
    });
    assert.deepEqual(facts('NotebookEdit', { notebook_path: '/n.ipynb', new_source: 'x' }), {
      access: 'edit',
      paths: ['/n.ipynb'],
    });
  });

  it('say where they begin, what they ask for, and for which shell they are', () => {
    const { cwd, url, shell, origin } = toolRequest({
      toolCallId: 't',
      toolName: 'WebFetch',
      input: { url: 'https://docs.rs/x', prompt: 'p' },
      cwd: '/w/sub',
      origin: 'not for a tool that is known',
    });
    assert.deepEqual(
      { cwd, url, shell, origin },
      { cwd: '/w/sub', url: 'https://docs.rs/x', shell: undefined, origin: undefined },
    );
    assert.equal(
      toolRequest({ toolCallId: 't', toolName: 'PowerShell', input: { command: 'ls' } }).shell,
      'powershell',
    );
    assert.equal(toolRequest({ toolCallId: 't', toolName: 'mcp__a__b', input: {}, origin: 'o' }).origin, 'o');
  });

  it('name every place that a search can reach', () => {
    assert.deepEqual(facts('Glob', { pattern: '**/*.ts' }).paths, ['.']);
    assert.deepEqual(facts('Glob', { pattern: '*.ts', path: 'src' }).paths, ['src']);
    assert.deepEqual(facts('Glob', { pattern: '/etc/**/passwd' }).paths, ['.', '/etc/']);
    assert.deepEqual(facts('Glob', { pattern: '../other/*' }).paths, ['.', '../other/']);
    assert.deepEqual(facts('Grep', { pattern: 'password', path: '/etc' }).paths, ['/etc']);
  });

  it('survive arguments of any shape', () => {
    for (const input of [undefined, null, 1, 'x', [], { file_path: 1, edits: 'x', command: {} }]) {
      assert.doesNotThrow(() => facts('MultiEdit', input));
      assert.equal(typeof titleOf('Bash', input), 'string');
    }
  });

  it('have a title in one line', () => {
    assert.equal(titleOf('Bash', { command: 'echo a\n  echo b', description: 'd' }), 'echo a echo b');
    assert.equal(titleOf('Grep', { path: '/a', pattern: 'needle' }), 'needle');
    assert.equal(titleOf('Agent', { description: 'Look around', prompt: 'long' }), 'Look around');
    assert.equal(titleOf('mcp__x__y', { note: 'n' }), '');
    assert.equal(titleOf('Bash', { command: 'x'.repeat(1000) }).length, 300);
  });
});
