import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { call, planLimit, say } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { AgentStage } from './agentStage.ts';

describe('The exported API', () => {
  let stage: AgentStage;

  before(async () => {
    stage = await AgentStage.create();
  });

  after(() => stage.close());

  it('shows one empty session on stage', () => {
    const [first] = stage.api.sessions();
    assert.deepEqual(
      {
        version: stage.api.version,
        place: first?.place,
        state: first?.state,
        name: first?.name,
        runtime: first?.runtime,
      },
      { version: 1, place: 'foreground', state: 'idle', name: 'default', runtime: 'claude-code' },
    );
  });

  it('runs a turn of the real CLI and tells every event once, numbered without gaps', async () => {
    const seen: { readonly sessionId: string; readonly seq: number }[] = [];
    const listening = stage.api.onDidReceiveEvent(({ sessionId, seq }) => seen.push({ sessionId, seq }));
    stage.model.play([{ reply: [say('Hello from the model.')] }]);
    const started = await stage.api.start({ prompt: 'Say hello' });
    const ended = await stage.api.whenSettled(started.id);
    listening.dispose();
    assert.deepEqual([ended.state, ended.name, ended.place], ['done', 'Say hello', 'foreground']);
    assert.ok(ended.nativeSessionId);
    assert.ok((ended.usage?.outputTokens ?? 0) > 0);
    const { seq, messages } = await stage.api.snapshot(started.id);
    assert.deepEqual(
      messages.map(({ role, parts }) => [role, parts.map((part) => ('text' in part ? part.text : part.type)).join('')]),
      [
        ['user', 'Say hello'],
        ['assistant', 'Hello from the model.'],
      ],
    );
    const own = seen.filter((event) => event.sessionId === started.id).map((event) => event.seq);
    assert.deepEqual(
      own,
      own.map((_, index) => index + 1),
    );
    assert.equal(own.at(-1), seq);
  });

  it('lets an approval be refused and given', async () => {
    const file = path.join(stage.folder, 'made-by-the-agent.txt');
    const write = () => call('Write', { file_path: file, content: 'made\n' });
    stage.model.play([
      { reply: [write()] },
      { reply: [say('Refused.')] },
      { reply: [write()] },
      { reply: [say('Written.')] },
    ]);
    const { id } = await stage.api.start({ prompt: 'Write a file' });
    const first = await eventually(
      () => stage.api.approvals().find((approval) => approval.sessionId === id),
      'the first request',
    );
    // It is on stage: whether it is unread too depends on whether this host shows the chat.
    const needs = stage.api.session(id)?.attention.filter((word) => word !== 'unread');
    assert.deepEqual([first.toolName, needs], ['Write', ['needsApproval']]);
    await stage.api.decide(first.id, 'reject', 'not this way');
    await stage.api.whenSettled(id);
    assert.equal(existsSync(file), false);
    await assert.rejects(stage.api.decide(first.id, 'allowOnce'), { code: 'unknownApproval' });
    await stage.api.send(id, 'Try again');
    const second = await eventually(
      () => stage.api.approvals().find((approval) => approval.sessionId === id),
      'the second request',
    );
    await stage.api.decide(second.id, 'allowOnce');
    assert.equal((await stage.api.whenSettled(id)).state, 'done');
    assert.equal(readFileSync(file, 'utf8'), 'made\n');
    assert.match(JSON.stringify(stage.model.main.at(-1)?.body.messages), /not this way/);
  });

  it('lets a question be answered', async () => {
    const question = {
      question: 'Which library?',
      header: 'Library',
      multiSelect: false,
      options: [
        { label: 'A', description: 'a' },
        { label: 'B', description: 'b' },
      ],
    };
    stage.model.play([{ reply: [call('AskUserQuestion', { questions: [question] })] }, { reply: [say('B it is.')] }]);
    const { id } = await stage.api.start({ prompt: 'Choose' });
    const asked = await eventually(() => stage.api.questions().find((item) => item.sessionId === id), 'the question');
    assert.deepEqual(
      asked.questions[0]?.options.map((option) => option.label),
      ['A', 'B'],
    );
    await stage.api.answer(asked.id, { 'Which library?': 'B' });
    assert.equal((await stage.api.whenSettled(id)).state, 'done');
    assert.match(JSON.stringify(stage.model.main.at(-1)?.body.messages), /Which library[^}]*B/);
  });

  it('runs the demo, which needs neither an agent nor the workspace', async () => {
    const { id, cwd, runtime, model } = await stage.api.start({ runtime: 'demo', prompt: 'edit', background: true });
    assert.deepEqual([runtime, model, cwd.startsWith(stage.folder)], ['demo', 'no model', false]);
    const asked = await eventually(
      () => stage.api.approvals().find((approval) => approval.sessionId === id),
      'the request of the demo',
      30_000,
    );
    assert.equal(asked.toolName, 'Edit');
    await stage.api.decide(asked.id, 'allowOnce');
    const ended = await stage.api.whenSettled(id);
    assert.deepEqual([ended.state, ended.usage], ['done', undefined]);
    assert.match(readFileSync(path.join(cwd, 'guests.txt'), 'utf8'), /Ada Lovelace/);
  });

  it('cancels a turn, and the conversation goes on', async () => {
    // The turn may be cancelled before the model was asked: what it answers depends on what it is asked.
    stage.model.play([
      ({ body }) =>
        // Anywhere: behind the person's words the CLI adds messages of its own.
        JSON.stringify(body.messages).includes('Go on')
          ? { reply: [say('Here again.')] }
          : { reply: [say('word '.repeat(2_000))], chunkChars: 5, delayMs: 10 },
    ]);
    const { id } = await stage.api.start({ prompt: 'Talk' });
    await stage.api.cancel(id);
    assert.equal((await stage.api.whenSettled(id)).state, 'cancelled');
    await stage.api.send(id, 'Go on');
    assert.equal((await stage.api.whenSettled(id)).state, 'done');
    assert.deepEqual((await stage.api.transcript(id)).at(-1)?.parts, [{ type: 'text', text: 'Here again.' }]);
  });

  it('queues what is sent while a turn runs', async () => {
    stage.model.play([{ reply: [say('one '.repeat(100))], chunkChars: 4, delayMs: 5 }, { reply: [say('two')] }]);
    const { id } = await stage.api.start({ prompt: 'first' });
    await stage.api.send(id, 'second');
    assert.deepEqual(stage.api.session(id)?.queued, ['second']);
    await stage.api.whenSettled(id);
    const users = (await stage.api.transcript(id)).filter((message) => message.role === 'user');
    assert.equal(users.length, 2);
  });

  it('runs sessions beside each other, each with its own transcript', async () => {
    stage.model.play([
      (request) => ({ reply: [say(`answer to ${JSON.stringify(request.body.messages).match(/nonce-\d/)?.[0]}`)] }),
    ]);
    const started = await Promise.all(
      [1, 2, 3].map((n) => stage.api.start({ prompt: `nonce-${n}`, background: true })),
    );
    const ended = await Promise.all(started.map(({ id }) => stage.api.whenSettled(id)));
    assert.deepEqual(
      ended.map(({ state, place }) => `${state} ${place}`),
      ['done background', 'done background', 'done background'],
    );
    for (const [index, { id }] of started.entries()) {
      const answer = (await stage.api.transcript(id)).at(-1)?.parts[0];
      assert.deepEqual(answer, { type: 'text', text: `answer to nonce-${index + 1}` });
    }
  });

  it('says with a code and a sentence what cannot be done', async () => {
    await assert.rejects(stage.api.send('nobody', 'hello'), { code: 'unknownSession' });
    await assert.rejects(stage.api.start({ runtime: 'x' }), {
      code: 'unknownRuntime',
      message: "unknown agent runtime 'x'; registered: claude-code, anthropic, demo",
      data: { registered: ['claude-code', 'anthropic', 'demo'] },
    });
    await assert.rejects(stage.api.start({ worktree: true }), { code: 'notYetAvailable' });
    await assert.rejects(stage.api.startShell('nobody', 'ls'), { code: 'unknownSession' });
    assert.deepEqual(stage.api.shells(), []);
  });

  it('moves sessions between the stage and the slots', async () => {
    stage.model.play([{ reply: [say('kept')] }]);
    const { id } = await stage.api.start({ prompt: 'To be moved' });
    await stage.api.whenSettled(id);
    const slot = await stage.api.moveToBackground();
    assert.deepEqual([stage.api.session(id)?.place, stage.api.session(id)?.slot], ['background', slot]);
    await assert.rejects(stage.api.resume(99), { code: 'invalidSlot', data: { slot: 99, available: slot } });
    assert.equal((await stage.api.resume(slot)).id, id);
    assert.equal(stage.api.session(id)?.place, 'foreground');
    const again = await stage.api.moveToBackground();
    await stage.api.drop(again);
    assert.equal(stage.api.session(id)?.place, 'stored');
    assert.equal((await stage.api.transcript(id)).length, 2);
    await assert.rejects(stage.api.drop(id), { code: 'unknownSession' });
  });

  it('says of sessions in the background what they need, and tells of every change', async () => {
    const { api, model } = stage;
    model.play([
      { reply: [call('Bash', { command: 'echo hi > hi.txt' })] },
      { reply: [say('Done behind your back.')] },
    ]);
    const infos: string[] = [];
    let id = '';
    const listening = api.onDidChange((change) => {
      const info = api.session(change.sessionId ?? id);
      if (info !== undefined && (id === '' || info.id === id)) {
        const said = [info.place, info.state, ...info.attention].join(' ');
        if (infos.at(-1) !== said) {
          infos.push(said);
        }
      }
    });
    const started = await api.start({ prompt: 'Run it', background: true });
    id = started.id;
    assert.deepEqual([started.place, started.slot, started.state], ['background', api.session(id)?.slot, 'running']);
    const request = await eventually(() => api.approvals().find(({ sessionId }) => sessionId === id), 'its request');
    assert.deepEqual(api.session(id)?.attention, ['needsApproval', 'unread']);
    await api.decide(request.id, 'allowOnce');
    const ended = await api.whenSettled(id);
    assert.deepEqual([ended.state, ended.attention], ['done', ['unread']]);
    const { slot } = ended;
    assert.equal((await api.resume(id)).place, 'foreground');
    assert.deepEqual([api.session(id)?.slot, api.session(id)?.attention, slot === undefined], [undefined, [], false]);
    const again = await api.moveToBackground();
    await api.drop(again);
    listening.dispose();
    assert.equal(api.session(id)?.place, 'stored');
    const expected = [
      'background pending',
      'background running',
      'background running needsApproval unread',
      'background done unread',
      'foreground done',
      'background done',
      'stored done',
    ];
    assert.deepEqual(
      infos.filter((said, index) => expected.includes(said) && infos.indexOf(said) === index),
      expected,
    );
  });

  it('says until when a session is limited, and why', async () => {
    const resetsAt = Math.ceil(Date.now() / 1000) + 3_600;
    const env = vscode.workspace.getConfiguration('greenroom').get<Record<string, string>>('runtimes.claudeCode.env');
    const subscription = { CLAUDE_CODE_OAUTH_TOKEN: 'not-a-token-but-a-dummy', ANTHROPIC_API_KEY: '' };
    await stage.set('runtimes.claudeCode.env', { ...env, ...subscription });
    try {
      stage.model.play([planLimit(resetsAt)]);
      const { id } = await stage.api.start({ name: 'Limited', background: true });
      await stage.api.send(id, 'Use it up');
      const info = await stage.api.whenSettled(id);
      assert.deepEqual(
        [info.state, info.attention, info.rateLimitedUntil, info.reasonCode, info.reason],
        ['idle', ['rateLimited', 'unread'], resetsAt * 1_000, 'rateLimited', 'The limit of this account is used up.'],
      );
      await stage.api.drop(id);
    } finally {
      await stage.set('runtimes.claudeCode.env', env);
    }
  });

  it('takes the slot away again where the first turn cannot start, and leaves the stage alone', async () => {
    const command = vscode.workspace.getConfiguration('greenroom').get('runtimes.claudeCode.command');
    const places = () => stage.api.sessions().map(({ id, place, slot }) => [id, place, slot]);
    const before = places();
    await stage.set('runtimes.claudeCode.command', '/nowhere/claude');
    try {
      await assert.rejects(stage.api.start({ prompt: 'hello', background: true }), { code: 'cliNotFound' });
      assert.deepEqual(places(), before);
    } finally {
      await stage.set('runtimes.claudeCode.command', command);
    }
  });

  it('says which setting is wrong, what was expected and what was found, and keeps the message', async () => {
    await stage.set('inactivityTimeoutSeconds', 'soon');
    try {
      await assert.rejects(stage.api.start({ prompt: 'hello' }), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'badSetting');
        assert.match(error.message, /greenroom\.inactivityTimeoutSeconds.*whole number.*"soon"/);
        return true;
      });
    } finally {
      await stage.set('inactivityTimeoutSeconds', undefined);
    }
  });

  it('says that the CLI was not found, and how to get it', async () => {
    const command = vscode.workspace.getConfiguration('greenroom').get('runtimes.claudeCode.command');
    await stage.set('runtimes.claudeCode.command', '/nowhere/claude');
    try {
      await assert.rejects(stage.api.start({ prompt: 'hello' }), { code: 'cliNotFound' });
    } finally {
      await stage.set('runtimes.claudeCode.command', command);
    }
  });
});
