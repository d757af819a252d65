import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Session } from '../../../src/core/session.ts';
import { createHeadless } from '../../host/headless.ts';
import { cleanClaudeEnv } from '../../modelServer/cleanClaudeEnv.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import { call, say } from '../../modelServer/steps.ts';
import { claudeCli, Stage } from '../claudeCode/harness.ts';

/** Sessions of the real CLI, stored by one host and opened by the next. */
describe('stored sessions', () => {
  let stage: Stage;
  let model: ModelServer;
  let store: string;

  beforeEach(async () => {
    stage = new Stage();
    store = path.join(stage.root, 'store');
    model = await startModelServer({ steps: [{ reply: [say('nothing was scripted')] }] });
  });

  afterEach(async () => {
    await model.close();
    stage.remove();
  });

  const host = () =>
    createHeadless({
      root: store,
      cwd: stage.work,
      command: claudeCli(),
      env: cleanClaudeEnv({ home: stage.home, tmp: stage.tmp, url: model.url }),
    });

  const logOf = (id: string): string => path.join(store, 'sessions', `${id}.jsonl`);
  const shown = (session: Session) => JSON.parse(JSON.stringify(session.model.view.messages));

  async function turn(session: Session, text: string): Promise<void> {
    await session.send(text);
    await session.whenSettled();
  }

  it('show in the next host what they showed in the last, and go on in the same conversation', async () => {
    writeFileSync(path.join(stage.work, 'a.txt'), 'hello\n');
    model.play([
      { reply: [say('Reading. '), call('Read', { file_path: path.join(stage.work, 'a.txt') })] },
      { reply: [say('It says **hello**.')] },
      { reply: [say('Still hello.')] },
    ]);
    const first = host();
    await first.manager.restore();
    const session = first.manager.foreground;
    assert.ok(session);
    await turn(session, 'What does a.txt say?');
    const before = shown(session);
    const { nativeSessionId } = session.model;
    await first.manager.close();

    const second = host();
    await second.manager.restore();
    const again = await second.manager.ensureForeground(assert.fail);
    assert.ok(again);
    assert.deepEqual([again.id, shown(again), again.model.nativeSessionId], [session.id, before, nativeSessionId]);
    await turn(again, 'And now?');
    assert.equal(again.model.view.header.state, 'done');
    assert.match(JSON.stringify(model.main.at(-1)?.body.messages), /What does a.txt say/);
    await second.manager.close();
  });

  it('keep the rest when a part is damaged, and say what is missing', async () => {
    model.play([{ reply: [say('one')] }, { reply: [say('two')] }]);
    const first = host();
    await first.manager.restore();
    const session = first.manager.foreground;
    assert.ok(session);
    await turn(session, 'first');
    await turn(session, 'second');
    await first.manager.close();
    const lines = readFileSync(logOf(session.id), 'utf8').split('\n');
    const damaged = lines.findIndex((line) => line.includes('"textDelta"') && line.includes('one'));
    assert.ok(damaged > 0);
    lines[damaged] = (lines[damaged] ?? '').replace('one', 'onE');
    writeFileSync(logOf(session.id), `${lines.join('\n')}{"torn`);

    const second = host();
    await second.manager.restore();
    const again = await second.manager.ensureForeground(assert.fail);
    assert.ok(again);
    const texts = JSON.stringify(shown(again));
    assert.match(texts, /first/);
    assert.match(texts, /second/);
    assert.match(texts, /two/);
    const notices = again.model.view.messages.filter((message) => message.role === 'notice');
    assert.equal(notices.length, 1);
    await second.manager.close();
  });

  it('leave a file of a newer version alone, say so, and list the others', async () => {
    const first = host();
    await first.manager.restore();
    const session = first.manager.foreground;
    assert.ok(session);
    model.play([{ reply: [say('hi')] }]);
    await turn(session, 'hello');
    await first.manager.close();
    const newer = '00000000-0000-4000-8000-000000000009';
    const content = '{"greenroom":"session","format":99,"what":"comes later"}\n';
    writeFileSync(logOf(newer), content);
    mkdirSync(path.join(store, 'sessions', 'not-a-file.jsonl'));
    appendFileSync(path.join(store, 'index.json'), 'garbage');

    const second = host();
    await second.manager.restore();
    const problems = await second.manager.refreshStored();
    assert.ok(second.manager.list().some((info) => info.id === session.id));
    assert.ok(problems.length > 0, 'the newer file is not mentioned');
    await assert.rejects(second.manager.open(newer), { code: 'newerVersion' });
    assert.equal(readFileSync(logOf(newer), 'utf8'), content);
    await second.manager.close();
  });

  it('are not written by two hosts at once: the second can only read', async () => {
    model.play([{ reply: [say('hi')] }]);
    const first = host();
    await first.manager.restore();
    const session = first.manager.foreground;
    assert.ok(session);
    await turn(session, 'hello');
    const second = host();
    await second.manager.refreshStored();
    const copy = await second.manager.open(session.id);
    assert.deepEqual(shown(copy), shown(session));
    await assert.rejects(copy.send('me too'), { code: 'sessionLocked' });
    await second.manager.close();
    await first.manager.close();
  });

  it('leave no secret that the run was given in its log', async () => {
    const secret = 'of-nobody-but-the-settings';
    const { manager } = createHeadless({
      root: store,
      cwd: stage.work,
      command: claudeCli(),
      env: cleanClaudeEnv({ home: stage.home, tmp: stage.tmp, url: model.url }),
      settings: { env: { MY_TOKEN: secret } },
    });
    await manager.restore();
    const session = manager.foreground;
    assert.ok(session);
    model.play([{ reply: [say(`I found ${secret} here.`)] }]);
    await turn(session, 'What is in the environment?');
    assert.match(JSON.stringify(shown(session)), /of-nobody-but-the-settings/);
    await manager.close();
    const logged = readFileSync(path.join(store, 'runs', `${session.id}.log`), 'utf8');
    assert.match(logged, /I found \[redacted\] here\./);
    assert.ok(!logged.includes(secret));
  });
});
