import assert from 'node:assert/strict';
import { ApprovalDesk } from '../../../src/core/approvalDesk.ts';
import type { ToolRequest } from '../../../src/core/toolRequest.ts';
import { createSessionModel } from '../../../src/core/sessionReducer.ts';
import { MemoryLog } from '../../support/memoryLog.ts';

const links: Readonly<Record<string, string>> = { '/logs/s/link.log': '/etc/passwd', '/w/shells': '/logs/s' };

/** A desk of a session in /w whose shells' output is stored in /logs/s. */
function desk(): ApprovalDesk {
  const identity = { id: 's', runtime: 'x', cwd: '/w', createdAt: 0 };
  return new ApprovalDesk({
    model: createSessionModel(identity, 'X'),
    append: () => undefined,
    written: () => Promise.resolve(),
    resume: () => Promise.resolve(),
    files: {
      realPath: (path) =>
        Promise.resolve(
          Object.entries(links).reduce(
            (found, [from, to]) => (found.startsWith(from) ? to + found.slice(from.length) : found),
            path,
          ),
        ),
      readText: () => Promise.resolve(undefined),
    },
    ids: { uuid: () => 'id' },
    log: new MemoryLog(),
    ownFolder: () => '/logs/s',
  });
}

async function verdictOf(request: Partial<ToolRequest>): Promise<string> {
  const whole: ToolRequest = { toolName: 'Read', access: 'read', paths: [], input: {}, ...request };
  return (await desk().judge(whole)).kind;
}

describe("the stored output of a session's own shells", () => {
  it('is read without asking, by whichever path', async () => {
    for (const path of ['/logs/s/a.log', '/logs/s/../s/a.1024.log', 'shells/a.log', '../logs/s/a.log']) {
      assert.equal(await verdictOf({ paths: [path] }), 'allow', path);
    }
  });

  it('opens no way to anything else', async () => {
    for (const request of [
      { paths: ['/logs/other/a.log'] },
      { paths: ['/logs/s/link.log'] },
      { paths: ['/logs/s/../x.log'] },
      { paths: ['/logs/s/a.log', '/etc/passwd'] },
      { paths: ['/logs/s/a.log'], access: 'edit' as const },
      { command: 'cat /logs/s/a.log', access: 'execute' as const },
    ]) {
      assert.equal(await verdictOf(request), 'ask', JSON.stringify(request));
    }
  });
});
