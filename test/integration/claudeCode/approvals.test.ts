import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ToolRequest } from '../../../src/core/runtime.ts';
import { call, say } from '../../modelServer/steps.ts';
import { Stage, TestRun } from './harness.ts';

describe('Claude Code: approvals', () => {
  let run: TestRun | undefined;
  afterEach(async () => {
    await run?.close();
    run = undefined;
  });

  const outcomes = (): readonly unknown[] =>
    run?.events.flatMap((event) => (event.type === 'toolResult' ? [[event.id, event.outcome, event.output]] : [])) ??
    [];

  it('has every call judged, also those that the CLI would allow by itself', async () => {
    const judged: ToolRequest[] = [];
    const stage = new Stage();
    const file = path.join(stage.work, 'none.txt');
    run = await TestRun.create({
      stage,
      steps: [
        {
          reply: [
            call('Bash', { command: 'echo safe', description: 'd' }, 'toolu_a'),
            call('Read', { file_path: file }, 'toolu_b'),
          ],
        },
        { reply: [say('Done.')] },
      ],
      gate: {
        judge(request) {
          judged.push(request);
          return { kind: 'allow', reason: 'fine' };
        },
      },
    });
    void run.start();
    await run.untilTurns(1);
    assert.deepEqual(
      judged.map(({ toolCallId, toolName, access, paths, command }) => ({
        toolCallId,
        toolName,
        access,
        paths,
        command,
      })),
      [
        { toolCallId: 'toolu_a', toolName: 'Bash', access: 'execute', paths: [], command: 'echo safe' },
        { toolCallId: 'toolu_b', toolName: 'Read', access: 'read', paths: [file], command: undefined },
      ],
    );
  });

  it('runs a call that is allowed without asking', async () => {
    let asked = 0;
    const stage = new Stage();
    const file = path.join(stage.work, 'new.txt');
    run = await TestRun.create({
      stage,
      steps: [{ reply: [call('Write', { file_path: file, content: 'x' }, 'toolu_w')] }, { reply: [say('Done.')] }],
      gate: {
        judge: () => ({ kind: 'allow', reason: 'fine' }),
        ask: () => {
          asked += 1;
          return { kind: 'deny', message: 'no' };
        },
      },
    });
    void run.start();
    await run.untilTurns(1);
    assert.equal(readFileSync(file, 'utf8'), 'x');
    assert.equal(asked, 0);
  });

  it('refuses a call with the reason, and the turn goes on', async () => {
    const stage = new Stage();
    const file = path.join(stage.work, 'new.txt');
    run = await TestRun.create({
      stage,
      steps: [{ reply: [call('Write', { file_path: file, content: 'x' }, 'toolu_w')] }, { reply: [say('I see.')] }],
      gate: { judge: () => ({ kind: 'deny', reason: 'this folder is closed' }) },
    });
    void run.start();
    const end = await run.untilTurns(1);
    assert.equal(existsSync(file), false);
    assert.match(JSON.stringify(outcomes()), /"failed".*this folder is closed/);
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.deepEqual(
      run.events.filter((event) => event.type === 'warning'),
      [],
    );
  });

  it('asks the person, and runs what they allow, also in a mode in which the CLI would not ask', async () => {
    const requests: unknown[] = [];
    const stage = new Stage();
    const file = path.join(stage.work, 'new.txt');
    run = await TestRun.create({
      stage,
      steps: [{ reply: [call('Write', { file_path: file, content: 'x' }, 'toolu_w')] }, { reply: [say('Done.')] }],
      context: { permissionMode: 'acceptEdits' },
      gate: {
        judge: () => ({ kind: 'ask', reason: 'it writes' }),
        ask(request, reason) {
          requests.push([request.toolCallId, request.access, request.change, reason]);
          return { kind: 'allow' };
        },
      },
    });
    void run.start();
    await run.untilTurns(1);
    assert.deepEqual(requests, [['toolu_w', 'edit', { path: file, content: 'x' }, 'it writes']]);
    assert.equal(readFileSync(file, 'utf8'), 'x');
  });

  it("gives the person's words to the agent when they refuse", async () => {
    run = await TestRun.create({
      steps: [
        { reply: [call('Bash', { command: 'touch refused', description: 'd' }, 'toolu_b')] },
        { reply: [say('I will use another way.')] },
      ],
      gate: {
        judge: () => ({ kind: 'ask', reason: 'it runs a command' }),
        ask: () => ({ kind: 'deny', message: 'use the other folder' }),
      },
    });
    void run.start();
    await run.untilTurns(1);
    assert.equal(existsSync(path.join(run.stage.work, 'refused')), false);
    assert.match(JSON.stringify(outcomes()), /"failed".*use the other folder/);
    assert.equal(run.text(), 'I will use another way.');
  });

  it('refuses a call when judging it fails', async () => {
    run = await TestRun.create({
      steps: [
        { reply: [call('Bash', { command: 'touch failed', description: 'd' }, 'toolu_b')] },
        { reply: [say('Done.')] },
      ],
      gate: {
        judge: () => {
          throw new Error('the judge is ill');
        },
      },
    });
    void run.start();
    await run.untilTurns(1);
    assert.equal(existsSync(path.join(run.stage.work, 'failed')), false);
    assert.match(JSON.stringify(outcomes()), /the judge is ill/);
  });

  it('hands the answers to questions to the agent', async () => {
    const asked: unknown[] = [];
    const questions = [
      {
        question: 'Which library?',
        header: 'Library',
        multiSelect: false,
        options: [
          { label: 'A', description: 'a' },
          { label: 'B', description: 'b' },
        ],
      },
    ];
    run = await TestRun.create({
      steps: [{ reply: [call('AskUserQuestion', { questions }, 'toolu_q')] }, { reply: [say('Thanks.')] }],
      gate: {
        askQuestions(toolCallId, given) {
          asked.push([toolCallId, given]);
          return Promise.resolve({ 'Which library?': 'B' });
        },
      },
    });
    void run.start();
    await run.untilTurns(1);
    assert.deepEqual(asked, [['toolu_q', questions]]);
    assert.match(JSON.stringify(outcomes()), /Which library\?.*B/);
  });

  it('shows the plan, and leaves plan mode once it is approved', async () => {
    const plans: unknown[] = [];
    const judged: string[] = [];
    const stage = new Stage();
    const file = path.join(stage.home, '.claude', 'plans', 'the-plan.md');
    run = await TestRun.create({
      stage,
      context: { mode: 'plan' },
      steps: [
        { reply: [call('Write', { file_path: file, content: '# The plan\n1. Do it.\n' }, 'toolu_w')] },
        { reply: [call('ExitPlanMode', {}, 'toolu_p')] },
        { reply: [call('Bash', { command: 'echo now', description: 'd' }, 'toolu_b')] },
        { reply: [say('Done.')] },
      ],
      gate: {
        judge(request) {
          judged.push(request.toolName);
          return { kind: 'allow', reason: 'fine' };
        },
        approvePlan(toolCallId, plan) {
          plans.push([toolCallId, plan]);
          return Promise.resolve({ kind: 'allow', mode: 'ask' });
        },
      },
    });
    void run.start();
    await run.untilTurns(1);
    assert.deepEqual(plans, [['toolu_p', '# The plan\n1. Do it.\n']]);
    assert.deepEqual(judged, ['Write', 'Bash']);
    const modes = run.events.flatMap((event) =>
      event.type === 'agentJson' ? [/"permissionMode":"(\w+)"/.exec(event.data)?.[1]] : [],
    );
    assert.equal(
      modes.find((mode) => mode !== undefined),
      'plan',
    );
    assert.equal(
      modes.findLast((mode) => mode !== undefined),
      'default',
    );
    assert.equal(existsSync(path.join(stage.work, '.claude')), false);
  });

  it('stays in plan mode when the plan is refused', async () => {
    run = await TestRun.create({
      context: { mode: 'plan' },
      steps: [
        { reply: [call('ExitPlanMode', { plan: 'Quick plan' }, 'toolu_p')] },
        { reply: [say('I will think again.')] },
      ],
      gate: { approvePlan: (_id, plan) => Promise.resolve({ kind: 'deny', message: `not yet: ${plan}` }) },
    });
    void run.start();
    await run.untilTurns(1);
    assert.match(JSON.stringify(outcomes()), /not yet: Quick plan/);
  });

  it('changes the mode of a running process', async () => {
    run = await TestRun.create({ steps: [{ reply: [say('One.')] }, { reply: [say('Two.')] }] });
    void run.start();
    await run.untilTurns(1);
    await run.runtime.setMode('plan');
    const from = run.events.length;
    run.runtime.send('next');
    await run.untilTurns(2);
    const init = run.events
      .slice(from)
      .find((event) => event.type === 'agentJson' && event.data.includes('"subtype":"init"'));
    assert.match(init?.type === 'agentJson' ? init.data : '', /"permissionMode":"plan"/);
  });

  it('changes the model of a running process, and back to none', async () => {
    run = await TestRun.create({
      steps: [{ reply: [say('One.')] }, { reply: [say('Two.')] }, { reply: [say('Three.')] }],
    });
    void run.start();
    await run.untilTurns(1);
    assert.equal(await run.runtime.setModel('claude-sonnet-4-5'), true);
    run.runtime.send('next');
    await run.untilTurns(2);
    assert.equal(await run.runtime.setModel(undefined), true);
    run.runtime.send('next');
    await run.untilTurns(3);
    const [first, second, third] = run.server.main.map((request) => request.body.model);
    assert.equal(second, 'claude-sonnet-4-5');
    assert.equal(third, first);
  });
});
