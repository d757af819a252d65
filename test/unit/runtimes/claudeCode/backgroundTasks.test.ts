import assert from 'node:assert/strict';
import type { RuntimeEvent } from '../../../../src/core/sessionEvents.ts';
import { BackgroundTasks } from '../../../../src/runtimes/claudeCode/backgroundTasks.ts';

type Told = Extract<RuntimeEvent, { readonly type: 'backgroundTask' }>;
const brief = (events: readonly Told[]) =>
  events.map(({ taskId, status, kind, title }) => [taskId, status, kind, title]);
const listed = (...ids: readonly string[]) => ({
  tasks: ids.map((id) => ({ task_id: id, task_type: 'local_bash', description: `does ${id}` })),
});

describe('What Claude Code runs beside its turns', () => {
  it('is listed by the newest version, and named by its command once the call is known', () => {
    const tasks = new BackgroundTasks();
    tasks.observeCall('toolu_1', 'npm run dev');
    const events = [
      ...tasks.observe('background_tasks_changed', listed('a')),
      ...tasks.observe('task_started', { task_id: 'a', tool_use_id: 'toolu_1', is_backgrounded: true }),
      ...tasks.observeResult('toolu_1', { stdout: '', backgroundTaskId: 'a' }),
    ];
    assert.equal(tasks.waitedFor, 1);
    events.push(
      ...tasks.observe('task_updated', { task_id: 'a', patch: { status: 'failed' } }),
      ...tasks.observe('task_notification', { task_id: 'a', status: 'failed' }),
      ...tasks.observe('background_tasks_changed', listed()),
    );
    assert.deepEqual(brief(events), [
      ['a', 'running', 'shell', 'does a'],
      ['a', 'running', 'shell', 'npm run dev'],
      ['a', 'failed', 'shell', 'npm run dev'],
    ]);
    assert.equal(tasks.waitedFor, 0);
  });

  it('does not include what holds its turn up', () => {
    const tasks = new BackgroundTasks();
    const events = [
      ...tasks.observe('task_started', { task_id: 'a', tool_use_id: 't', is_backgrounded: false }),
      ...tasks.observe('task_started', { task_id: 'b', tool_use_id: 't', task_type: 'local_agent' }),
      ...tasks.observe('task_notification', { task_id: 'a', status: 'completed' }),
    ];
    assert.deepEqual(events, []);
  });

  it('has ended when it is no longer listed, whatever was told', () => {
    const tasks = new BackgroundTasks();
    tasks.observe('background_tasks_changed', listed('a', 'b'));
    assert.deepEqual(brief(tasks.observe('background_tasks_changed', listed('b'))), [
      ['a', 'stopped', 'shell', 'does a'],
    ]);
  });

  it('is known of older versions by the results of calls, and of the oldest not when it ends by itself', () => {
    const tasks = new BackgroundTasks();
    tasks.observeCall('toolu_1', 'make watch');
    const events = [
      ...tasks.observeResult('toolu_1', { backgroundTaskId: 'a' }),
      ...tasks.observeResult('toolu_2', { isAsync: true, status: 'async_launched', agentId: 'g', description: 'Look' }),
      ...tasks.observeResult('toolu_3', { backgroundTaskId: 'c' }),
    ];
    assert.equal(tasks.waitedFor, 0, 'nobody waits for an end that is not told');
    events.push(
      ...tasks.observeResult('toolu_4', { retrieval_status: 'ready', task: { task_id: 'a', status: 'completed' } }),
      ...tasks.observeResult('toolu_5', { message: 'killed', shell_id: 'c' }),
      ...tasks.endAll(),
    );
    assert.deepEqual(brief(events), [
      ['a', 'running', 'shell', 'make watch'],
      ['g', 'running', 'agent', 'Look'],
      ['c', 'running', 'shell', ''],
      ['a', 'completed', 'shell', 'make watch'],
      ['c', 'stopped', 'shell', ''],
      ['g', 'stopped', 'agent', 'Look'],
    ]);
  });

  it('does not begin again when the result of its call comes after its end', () => {
    const tasks = new BackgroundTasks();
    tasks.observe('task_started', { task_id: 'a', is_backgrounded: true });
    tasks.observe('task_notification', { task_id: 'a', status: 'completed' });
    assert.deepEqual(tasks.observeResult('toolu_1', { backgroundTaskId: 'a' }), []);
  });

  it('is bounded: the oldest is given up', () => {
    const tasks = new BackgroundTasks();
    const events = Array.from({ length: 65 }, (_, at) =>
      tasks.observe('task_started', { task_id: `${at}`, is_backgrounded: true }),
    ).flat();
    assert.equal(events.length, 66);
    assert.deepEqual(brief(events.slice(-2)), [
      ['0', 'stopped', 'other', ''],
      ['64', 'running', 'other', ''],
    ]);
    assert.equal(tasks.waitedFor, 64);
  });
});
