import assert from 'node:assert/strict';
import { chanceOf, waitBefore } from '../../../../src/runtimes/shared/backoff.ts';
import { AgentHarness, tool } from './agentHarness.ts';
import { failure, ScriptedVendor, type ScriptedStep } from './scriptedVendor.ts';

const busy = (more: Parameters<typeof failure>[1] = {}): ScriptedStep => ({
  failure: failure('overloaded', { retryReason: 'It is overloaded.', ...more }),
});

describe('Patience with a service', () => {
  let harness: AgentHarness | undefined;
  afterEach(async () => {
    await harness?.close();
    assert.equal(harness?.clock.timers ?? 0, 0, 'no timer is left');
    harness = undefined;
  });

  const waits = (): readonly number[] => harness?.of('retry').map(({ delayMs }) => delayMs) ?? [];

  it('waits longer each time, never less than it was told to, and never more than ten minutes', () => {
    assert.deepEqual(
      [1, 2, 3, 7, 8, 20].map((attempt) => waitBefore(attempt, undefined, 0)),
      [1_000, 2_000, 4_000, 60_000, 60_000, 60_000],
    );
    assert.deepEqual(
      [waitBefore(1, 0, 0), waitBefore(1, 30_000, 0), waitBefore(1, 30_000, 1), waitBefore(1, 599_000, 1)],
      [1_000, 30_000, 37_500, 600_000],
    );
    assert.deepEqual(['00000000-x', 'ffffffff-x', 'what'].map(chanceOf), [0, 1, 0]);
  });

  it('tries again, says so, and then goes on as if nothing had been', async () => {
    harness = new AgentHarness(new ScriptedVendor(busy(), busy(), { text: 'Here.' })).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.deepEqual(harness.of('retry'), [
      { type: 'retry', attempt: 1, maxAttempts: 8, delayMs: 1_000, reason: 'It is overloaded.' },
      { type: 'retry', attempt: 2, maxAttempts: 8, delayMs: 2_000, reason: 'It is overloaded.' },
    ]);
    assert.equal(harness.text, 'Here.');
    assert.equal(harness.of('warning').length, 0);
  });

  it('honours what the service asks for', async () => {
    harness = new AgentHarness(new ScriptedVendor(busy({ retryAfterMs: 20_000 }), { text: 'Here.' })).start();
    const startedAt = harness.clock.monotonic();
    await harness.turn();
    assert.deepEqual(waits(), [20_000]);
    assert.ok(harness.clock.monotonic() - startedAt >= 20_000);
  });

  it('gives up after eight times, or sooner where that is wiser, and says why', async () => {
    harness = new AgentHarness(new ScriptedVendor(busy())).start();
    const end = await harness.turn();
    assert.deepEqual([end.type === 'turnComplete' && end.error?.code, waits().length], ['overloaded', 8]);
    harness.vendor.play(busy({ maxRetries: 2 }));
    await harness.send('Again.');
    assert.equal(waits().length, 10);
  });

  it('does not try again what cannot succeed', async () => {
    harness = new AgentHarness(new ScriptedVendor({ failure: failure('modelNotFound') })).start();
    const end = await harness.turn();
    assert.deepEqual([end.type === 'turnComplete' && end.error?.code, waits()], ['modelNotFound', []]);
  });

  it('takes a wait of more than ten minutes for a limit with a known end', async () => {
    harness = new AgentHarness(new ScriptedVendor(busy({ retryAfterMs: 3_600_000 }))).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.error?.code, 'rateLimited');
    const resetsAt = harness.of('rateLimit')[0]?.resetsAt ?? 0;
    assert.ok(Math.abs(resetsAt - harness.clock.now() - 3_600_000) < 60_000);
    await harness.close();
    assert.deepEqual([harness.result?.rateLimitExit, harness.result?.rateLimitResetAt], [true, resetsAt]);
  });

  it('is no longer limited once it has been served again', async () => {
    harness = new AgentHarness(new ScriptedVendor(busy({ retryAfterMs: 3_600_000 }), { text: 'Here.' })).start();
    await harness.turn();
    await harness.send('Again.');
    await harness.close();
    assert.deepEqual([harness.result?.rateLimitExit, harness.result?.rateLimitResetAt], [false, undefined]);
  });

  it('can be stopped while it waits', async () => {
    harness = new AgentHarness(new ScriptedVendor(busy({ retryAfterMs: 60_000 }))).start();
    await harness.until(() => waits().length === 1);
    void harness.runtime.interrupt();
    assert.equal((await harness.turn()).type, 'turnCancelled');
    assert.equal(harness.vendor.requests.length, 1);
  });

  it('marks an answer that broke off, ends its calls, and does not send them to the model', async () => {
    harness = new AgentHarness(
      new ScriptedVendor(
        { text: 'Half of', calls: [['read', { what: 'a' }, 'c1']], ...busy() },
        { text: 'All of it.', calls: [['read', { what: 'a' }, 'c1']] },
        { text: 'Done.' },
      ),
      { tools: [tool({ name: 'read', isReadOnly: true })] },
    ).start();
    await harness.turn();
    assert.deepEqual(harness.results, [
      'c1 cancelled: The answer broke off before this call was complete.',
      'c1_2 completed: read a',
    ]);
    assert.deepEqual(
      harness.of('warning').map(({ code }) => code),
      ['answerBrokeOff'],
    );
    assert.doesNotMatch(JSON.stringify(harness.vendor.requests.at(-1)?.messages), /Half of/);
  });

  it('asks a service that fell silent once more, then gives up', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: 'And then', hangs: true }), {
      inactivityTimeoutSeconds: 30,
    }).start();
    const startedAt = harness.clock.monotonic();
    const end = await harness.turn();
    assert.deepEqual([end.type === 'turnComplete' && end.error?.code, harness.vendor.requests.length], ['inactive', 2]);
    assert.ok(harness.clock.monotonic() - startedAt >= 60_000);
  });

  it('waits for ever where it is told so', async () => {
    harness = new AgentHarness(new ScriptedVendor({ hangs: true }), { inactivityTimeoutSeconds: 0 }).start();
    await harness.until(() => false, 120_000);
    assert.equal(harness.ends.length, 0);
    void harness.runtime.interrupt();
    assert.equal((await harness.turn()).type, 'turnCancelled');
  });

  it('leaves behind a service that does not even notice that it is stopped', async () => {
    const vendor = new ScriptedVendor({ text: 'never' });
    let called = false;
    vendor.call = () => {
      called = true;
      return new Promise(() => undefined);
    };
    harness = new AgentHarness(vendor, { inactivityTimeoutSeconds: 0 }).start();
    await harness.until(() => called);
    void harness.runtime.interrupt();
    assert.equal((await harness.turn()).type, 'turnCancelled');
  });

  it('ends the turn and its calls where asking the service fails in an unexpected way', async () => {
    const vendor = new ScriptedVendor({ text: 'never' });
    vendor.call = (_request, onChunk) => {
      onChunk({ type: 'call', id: 'c1', name: 'read' });
      return Promise.reject(new Error('a bug'));
    };
    harness = new AgentHarness(vendor).start();
    const end = await harness.turn();
    assert.ok(end.type === 'turnComplete');
    assert.deepEqual([end.error?.code, harness.results.length], ['unexpected', 1]);
    assert.ok(harness.log.lines.some((line) => line.includes('a bug')));
  });

  it('counts what was given up on', async () => {
    harness = new AgentHarness(new ScriptedVendor({ hangs: true, inputTokens: 70 })).start();
    await harness.until(() => (harness?.vendor.requests.length ?? 0) === 1);
    void harness.runtime.interrupt();
    await harness.turn();
    assert.deepEqual(
      harness.of('usage').map(({ inputTokens }) => inputTokens),
      [70],
    );
  });
});
