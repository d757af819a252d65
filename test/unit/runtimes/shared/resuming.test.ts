import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RuntimeEvent } from '../../../../src/core/sessionEvents.ts';
import { knownModel, unknownModel } from '../../../../src/runtimes/anthropic/models.ts';
import { requestBody, vendorId } from '../../../../src/runtimes/anthropic/requestBody.ts';
import { messagesProblem } from '../../../modelServer/messagesProblem.ts';
import { AgentHarness, pastOf, tool } from './agentHarness.ts';
import { assertValid, failure, type ScriptedStep, ScriptedVendor } from './scriptedVendor.ts';

const models = ['claude-opus-5-5', 'claude-sonnet-4-5', 'unknown'].map((name) => knownModel(name) ?? unknownModel);
const half = '\u{1F600}'.slice(0, 1);

const words = fc.constantFrom('Looking.', ' ', '', `half a face ${half}`, 'A longer sentence of a model.');
const call = fc.tuple(
  fc.constantFrom('read', 'write', 'fail', 'unknown tool', ''),
  fc.constantFrom<unknown>({ what: 'a' }, { what: half }, { whom: 1 }, '{"what": ', '[1]', 'null', ''),
  fc.constantFrom(undefined, 'c1', 'c2', 'c 3'),
);
const failing = fc.constantFrom(
  failure('overloaded', { retryReason: 'busy', maxRetries: 1 }),
  failure('refusedKey'),
  failure('tooLong', { isTooLong: true }),
);

const step: fc.Arbitrary<ScriptedStep> = fc
  .record(
    {
      reasoning: fc.constantFrom('Hm.', ''),
      text: words,
      calls: fc.array(call, { maxLength: 4 }),
      brokenCall: fc.constant(['write', '{"what":"ha'] as const),
      stop: fc.constantFrom('end', 'length', 'contextFull', 'refusal', 'pause'),
      failure: failing,
      hangs: fc.constant(true),
      inputTokens: fc.constantFrom(100, 190_000),
    },
    { requiredKeys: [] },
  )
  .map(({ calls, ...rest }): ScriptedStep => ({
    ...rest,
    ...(calls === undefined
      ? {}
      : { calls: calls.map(([name, input, id]) => (id === undefined ? [name, input] : [name, input, id])) }),
  }));

/** A window: what the model does in it, what the person says, when they stop it, and where the log is torn off. */
const sitting = fc.record({
  steps: fc.array(step, { maxLength: 6 }),
  prompts: fc.array(fc.constantFrom('Do it.', 'Go on.', '', '/compact', `cut ${half}`), { minLength: 1, maxLength: 3 }),
  seal: fc.constantFrom('{"signature":"signed"}', '{"signature":""}', '{"redacted":"ZW5j"}'),
  interruptAt: fc.option(fc.nat(60), { nil: undefined }),
  tornOff: fc.nat(20),
});

type Sitting = typeof sitting extends fc.Arbitrary<infer T> ? T : never;

const tools = [
  tool({ name: 'read', isReadOnly: true, act: (what) => (what === 'a' ? '' : `${what}${half}`) }),
  tool({ name: 'write' }),
  tool({ name: 'fail', act: () => Promise.reject(new Error('no')) }),
];

/** Plays one window on what those before it left, and gives what the log holds afterwards. */
async function play(
  past: readonly RuntimeEvent[],
  run: number,
  { steps, prompts, seal, interruptAt, tornOff }: Sitting,
): Promise<readonly RuntimeEvent[]> {
  const vendor = new ScriptedVendor(...steps, { text: 'The end.' });
  vendor.id = vendorId;
  vendor.seal = seal;
  const [first = '', ...others] = prompts;
  const harness = new AgentHarness(vendor, {
    run,
    prompt: first,
    tools,
    limits: { maxSteps: 12 },
    inactivityTimeoutSeconds: 1,
    ...(run === 1 ? {} : { nativeSessionId: 'session', past: pastOf(past) }),
  });
  harness.onEvent = () => {
    if (harness.events.length === interruptAt) {
      void harness.runtime.interrupt();
    }
  };
  harness.start();
  await harness.turn();
  for (const prompt of others) {
    await harness.send(prompt);
  }
  await harness.close();
  assert.equal(harness.ends.length, prompts.length, 'each turn has ended once');
  for (const request of vendor.requests) {
    assertValid(request.messages);
    for (const model of models) {
      assert.equal(messagesProblem(requestBody(request, model)), undefined);
    }
  }
  for (const end of harness.ends) {
    assert.ok(end.type === 'turnCancelled' || end.error?.code !== 'unexpected', JSON.stringify(end));
  }
  const open = new Set(harness.of('toolCallStreaming').map(({ id }) => id));
  for (const { id } of harness.of('toolResult')) {
    assert.ok(open.delete(id), 'a call has one result');
  }
  assert.deepEqual([...open], [], 'every call has a result');
  return [...past, ...harness.events.slice(0, harness.events.length - tornOff)];
}

describe('A conversation that is torn off anywhere, again and again', () => {
  it('is never sent in a form that the service would refuse', async function () {
    const numRuns = process.env['GREENROOM_LONG'] === '1' ? 3_000 : 100;
    this.timeout(numRuns * 1_000);
    await fc.assert(
      fc.asyncProperty(fc.array(sitting, { minLength: 2, maxLength: 4 }), async (sittings) => {
        let past: readonly RuntimeEvent[] = [];
        for (const [index, one] of sittings.entries()) {
          past = await play(past, index + 1, one);
        }
      }),
      { numRuns },
    );
  });
});
