import assert from 'node:assert/strict';
import { ToolOrigins } from '../../../../src/runtimes/claudeCode/toolOrigins.ts';

describe('who offers a tool', () => {
  const digest = (text: string): string => `<${text}>`;

  it('is what its server is defined as, so that another definition is another server', () => {
    const origins = new ToolOrigins({ 'my.server': { command: 'a' }, my: { command: 'b' } }, undefined, digest);
    assert.deepEqual(
      ['mcp__my_server__x', 'mcp__my__x', 'mcp__other__x', 'Bash', 'mcp__my_serverx'].map((name) => origins.of(name)),
      ['<{"command":"a"}>', '<{"command":"b"}>', undefined, undefined, undefined],
    );
  });

  it('includes what the repository says, where that is obeyed', () => {
    const origins = new ToolOrigins({ my: { command: 'a' } }, 'repo', digest);
    assert.deepEqual(
      ['mcp__my__x', 'mcp__theirs__x', 'Bash'].map((name) => origins.of(name)),
      ['<{"command":"a"}>.repo', 'repo', undefined],
    );
  });
});
