import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Session } from '../../../src/core/session.ts';
import { createHeadless } from '../../host/headless.ts';
import { cleanClaudeEnv } from '../../modelServer/cleanClaudeEnv.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import { call, say } from '../../modelServer/steps.ts';
import { claudeCli, Stage } from './harness.ts';

describe('conversations of the CLI', () => {
  let stage: Stage;
  let model: ModelServer;

  beforeEach(async () => {
    stage = new Stage();
    model = await startModelServer({ steps: [{ reply: [say('nothing was scripted')] }] });
  });
  afterEach(async () => {
    await model.close();
    stage.remove();
  });

  const host = (store: string) =>
    createHeadless({
      root: path.join(stage.root, store),
      cwd: stage.work,
      command: claudeCli(),
      env: cleanClaudeEnv({ home: stage.home, tmp: stage.tmp, url: model.url }),
    });
  const shown = (session: Session) =>
    session.model.view.messages.map(({ role, parts }) => ({
      role,
      parts: parts.map((part) =>
        part.type === 'toolCall'
          ? [part.name, part.title, part.state, part.output]
          : [part.type, 'text' in part ? part.text : ''],
      ),
    }));

  it('are listed, opened as sessions that show the same, and go on', async () => {
    writeFileSync(path.join(stage.work, 'a.txt'), 'hello\n');
    model.play([
      { reply: [say('Reading. '), call('Read', { file_path: path.join(stage.work, 'a.txt') })] },
      { reply: [say('It says **hello**.')] },
      { reply: [say('You are welcome.')] },
    ]);
    const first = host('first');
    await first.manager.restore();
    const session = first.manager.foreground;
    assert.ok(session);
    for (const text of ['What does a.txt say?', 'Thank you']) {
      await session.send(text);
      await session.whenSettled();
    }
    const { nativeSessionId = '' } = session.model;
    const lived = shown(session);
    await first.manager.close();

    const folder = path.join(stage.home, '.claude', 'projects');
    const [project = ''] = readdirSync(folder);
    const file = path.join(folder, project, `${nativeSessionId}.jsonl`);
    appendFileSync(file, '{"type":"user","mess\n\0\0\n[1]\n');
    const before = readFileSync(file, 'utf8');

    const second = host('second');
    await second.manager.restore();
    const source = second.kindOf('claude-code').conversations?.({});
    const [listed, ...others] = (await source?.list(stage.work)) ?? [];
    assert.deepEqual(
      [listed?.title, listed?.messageCount, listed?.nativeSessionId, others],
      ['What does a.txt say?', 5, nativeSessionId, []],
    );
    assert.deepEqual(await source?.list(`${stage.work}-other`), []);
    const link = path.join(stage.root, 'link');
    symlinkSync(stage.work, link);
    assert.deepEqual(await source?.list(link), [listed]);
    const moved = path.join(stage.root, 'moved');
    const configured = second.kindOf('claude-code').conversations?.({ CLAUDE_CONFIG_DIR: moved });
    assert.deepEqual(await configured?.list(stage.work), []);
    cpSync(path.join(stage.home, '.claude'), moved, { recursive: true });
    assert.deepEqual(
      (await configured?.list(stage.work))?.map(({ title }) => title),
      ['What does a.txt say?'],
    );
    const imported = await second.manager.importConversation('claude-code', stage.work, nativeSessionId);
    assert.deepEqual(shown(imported), lived);
    assert.equal(imported.model.view.header.state, 'done');
    assert.equal(readFileSync(file, 'utf8'), before);
    assert.equal(await second.manager.importConversation('claude-code', stage.work, nativeSessionId), imported);

    model.play([{ reply: [say('Hello again.')] }]);
    await imported.send('Still there?');
    await imported.whenSettled();
    assert.equal(imported.model.nativeSessionId, nativeSessionId);
    assert.match(JSON.stringify(model.main.at(-1)?.body.messages), /What does a.txt say/);
    await second.manager.close();
  });
});
