import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ApprovalPolicy } from '../../../src/core/approvalPolicy.ts';
import type { Session } from '../../../src/core/session.ts';
import type { ApprovalMode } from '../../../src/protocol/view.ts';
import { eventually } from '../../support/eventually.ts';
import { createHeadless } from '../../host/headless.ts';
import { cleanClaudeEnv } from '../../modelServer/cleanClaudeEnv.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import { call, type ReplyBlock, say } from '../../modelServer/steps.ts';
import { claudeCli, Stage } from './harness.ts';

/** The real CLI, with our own approvals in the place of the test's. */
describe('Claude Code: modes and rules', function () {
  this.timeout(180_000);
  let stage: Stage;
  let model: ModelServer;
  let host: ReturnType<typeof createHeadless>;
  let rules: ReturnType<ApprovalPolicy['rules']>;
  let session: Session;

  beforeEach(async () => {
    stage = new Stage();
    for (const folder of ['.git', 'sub', '.vscode']) {
      mkdirSync(path.join(stage.work, folder));
    }
    rules = { allow: [], deny: [] };
    model = await startModelServer({ steps: [{ reply: [say('nothing was scripted')] }] });
    host = createHeadless({
      root: path.join(stage.root, 'store'),
      cwd: stage.work,
      command: claudeCli(),
      env: cleanClaudeEnv({ home: stage.home, tmp: stage.tmp, url: model.url }),
      policy: { rules: () => rules, protectedFolders: [path.join(stage.root, 'store')], home: stage.home },
    });
    await host.manager.restore();
    session = await host.manager.create({});
  });

  afterEach(async () => {
    await host.manager.close();
    await model.close();
    stage.remove();
  });

  const at = (name: string): string => path.join(stage.work, name);
  const write = (name: string): ReplyBlock => call('Write', { file_path: at(name), content: 'made\n' });
  const bash = (command: string): ReplyBlock => call('Bash', { command, description: 'd' });

  /** Plays the calls one after the other; what is asked is rejected, and told. */
  async function play(mode: ApprovalMode, calls: readonly ReplyBlock[]): Promise<readonly string[]> {
    await session.setMode(mode);
    model.play([...calls.map((each) => ({ reply: [each] })), { reply: [say('Done.')] }]);
    const asked: string[] = [];
    const listening = session.onDidAppend(({ events }) => {
      for (const { event } of events) {
        if (event.type === 'approvalNeeded') {
          asked.push(event.subject);
          queueMicrotask(() => void host.manager.decide(event.id, 'reject', 'no'));
        }
      }
    });
    await session.send('go');
    await eventually(() => session.model.view.header.state === 'done', 'the turn', 120_000);
    listening.dispose();
    return asked;
  }

  const decisions = (): readonly (string | undefined)[] =>
    session.model.view.messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'toolCall' ? [part.decision] : [])),
    );

  it('edits in the folder without asking where edits are accepted, and asks for everything else', async () => {
    const asked = await play('acceptEdits', [
      write('a.txt'),
      write('.vscode/settings.json'),
      bash('touch b'),
      write('../out'),
    ]);
    assert.deepEqual(asked, [at('.vscode/settings.json'), 'touch b', path.join(stage.root, 'out')]);
    assert.deepEqual(
      ['a.txt', '.vscode/settings.json', 'b', '../out'].map((name) => existsSync(at(name))),
      [true, false, false, false],
    );
    assert.equal(decisions()[0], 'allowed without asking: the session accepts edits in its folder');
  });

  it('does everything in the mode Auto but what is protected, elsewhere or not to be told', async () => {
    const asked = await play('auto', [
      bash('touch b && echo hello > c'),
      write('a.txt'),
      bash('echo evil > .git/hooks-x'),
      write('.git/config'),
      write('../out'),
      bash("echo $'x' > d"),
      bash('rm -rf "$UNKNOWN"'),
    ]);
    assert.deepEqual(asked, [
      'echo evil > .git/hooks-x',
      at('.git/config'),
      path.join(stage.root, 'out'),
      "echo $'x' > d",
      'rm -rf "$UNKNOWN"',
    ]);
    assert.deepEqual(
      ['a.txt', 'b', 'c', 'd', '.git/hooks-x', '.git/config', '../out'].map((name) => existsSync(at(name))),
      [true, true, true, false, false, false, false],
    );
    assert.equal(decisions()[0], 'allowed without asking: the session is in the mode Auto');
  });

  it('takes another mode over in the middle of a conversation, and back', async () => {
    assert.deepEqual(await play('ask', [write('a.txt')]), [at('a.txt')]);
    assert.deepEqual(await play('acceptEdits', [write('a.txt')]), []);
    assert.equal(readFileSync(at('a.txt'), 'utf8'), 'made\n');
    assert.deepEqual(await play('auto', [bash('touch b')]), []);
    assert.deepEqual(await play('plan', [write('p.txt'), bash('touch q')]), []);
    assert.deepEqual(
      ['b', 'p.txt', 'q'].map((name) => existsSync(at(name))),
      [true, false, false],
    );
    assert.deepEqual(await play('ask', [bash('touch r')]), ['touch r']);
  });

  it('knows where the CLI stands when a command before has changed the directory', async () => {
    const asked = await play('auto', [bash('cd .git'), bash('touch config2'), bash('cd ../sub'), bash('touch fine')]);
    assert.deepEqual(asked, ['touch config2']);
    assert.deepEqual([existsSync(at('.git/config2')), existsSync(at('sub/fine'))], [false, true]);
  });

  it('follows rules: what they allow runs, what they refuse is told, what they only begin like asks', async () => {
    rules = { allow: ['run(ls)', 'edit(sub/**)'], deny: ['run(git push)', 'read(secret.txt)'] };
    const asked = await play('ask', [
      bash('ls -la'),
      bash('ls; touch x'),
      bash('ls > y'),
      write('sub/a.txt'),
      bash('git push origin main'),
      call('Read', { file_path: at('secret.txt') }),
    ]);
    assert.deepEqual(asked, ['ls; touch x', 'ls > y']);
    assert.deepEqual(
      ['x', 'y', 'sub/a.txt'].map((name) => existsSync(at(name))),
      [false, false, true],
    );
    assert.deepEqual(
      decisions().map((decision) => decision?.replace(/:.*/s, '')),
      ['allowed without asking', 'rejected by you', 'rejected by you', 'allowed without asking', 'refused', 'refused'],
    );
    assert.match(JSON.stringify(model.main.at(-1)?.body.messages), /the user's rule run\(git push\)/);
  });
});
