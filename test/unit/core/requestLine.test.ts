import assert from 'node:assert/strict';
import { showInvisible } from '../../../src/base/visibleText.ts';
import { requestLine } from '../../../src/core/requestLine.ts';
import type { PendingItem } from '../../../src/protocol/view.ts';

const approval = (toolName: string, subject: string): PendingItem => ({
  kind: 'approval',
  id: 'a',
  toolName,
  reason: 'why',
  subject,
});
const command = (text: string, more: object = {}): string | undefined =>
  requestLine(approval('Bash', showInvisible(text)), JSON.stringify({ command: text, ...more }), '/w');

describe('a request in one line', () => {
  it('is the tool with its command, its path or its arguments', () => {
    assert.equal(command('npm test'), 'Bash: npm test');
    assert.equal(command('npm test', { description: 'Runs the tests' }), 'Bash: npm test');
    assert.equal(requestLine(approval('Read', '/etc/hosts'), '{"file_path":"/etc/hosts"}', '/w'), 'Read: /etc/hosts');
    assert.equal(requestLine(approval('Read', '/x'), '{"file_path":"../x"}', '/w'), 'Read: /x');
    assert.equal(
      requestLine(approval('mcp__db__query', '{\n  "id": 1\n}'), '{"id":1}', '/w'),
      'mcp__db__query: {"id":1}',
    );
  });

  it('shows every argument, however harmless it looks', () => {
    assert.equal(
      command('npm test', { run_in_background: true }),
      'Bash: {"command":"npm test","run_in_background":true}',
    );
    assert.equal(
      requestLine(approval('mcp__x__note', '{}'), '{"title":"a","description":"b"}', '/w'),
      'mcp__x__note: {"title":"a","description":"b"}',
    );
  });

  it('is none where a line does not hold it', () => {
    assert.equal(command('x'.repeat(74)), `Bash: ${'x'.repeat(74)}`);
    assert.equal(command('x'.repeat(75)), undefined);
    assert.equal(command('ls\nrm -rf /'), undefined);
  });

  it('is none where a line would not show it', () => {
    for (const hidden of [
      'ls\trm',
      'ls  rm',
      'ls\u00a0rm',
      'ls\u2028rm',
      'ls \u202e fdp',
      'ls\u200brm',
      'ls\u3164rm',
      'ls\u0000',
      'ls\u001b[2K',
      'ls \u{e0041}',
      'ls\ufe0f',
      'echo \\u{202E}',
      'echo [safe](https://example.com/)',
      'echo [safe](command:x)',
    ]) {
      assert.equal(command(hidden), undefined, JSON.stringify(hidden));
    }
  });

  it('is none for an edit, a plan, a question, or arguments that are not known whole', () => {
    const edit: PendingItem = { ...approval('Write', '/w/a'), edit: { path: '/w/a', hunks: [] } } as PendingItem;
    assert.equal(requestLine(edit, '{"file_path":"/w/a","content":""}', '/w'), undefined);
    assert.equal(requestLine({ kind: 'plan', id: 'p', plan: 'x' }, '{}', '/w'), undefined);
    assert.equal(requestLine({ kind: 'question', id: 'q', questions: [] }, undefined, '/w'), undefined);
    assert.equal(requestLine(approval('Bash', 'ls'), undefined, '/w'), undefined);
    assert.equal(requestLine(approval('Bash', 'ls'), '{"command":"ls … 90 kB', '/w'), undefined);
  });
});
