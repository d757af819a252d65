import assert from 'node:assert/strict';
import { AgentDetection } from '../../../src/core/agentDetection.ts';
import { agentNotice } from '../../../src/core/agentNotice.ts';
import type { RuntimeKind } from '../../../src/core/runtime.ts';
import type { ProbeContext, RuntimeProbe } from '../../../src/core/runtimeProbe.ts';
import { ManualClock } from '../../support/manualClock.ts';

const ready: RuntimeProbe = { state: 'ready', path: '/bin/agent', version: '1.0.0', keyNames: ['AGENT_KEY'] };
const missing: RuntimeProbe = {
  state: 'notFound',
  keyNames: [],
  problem: {
    code: 'cliNotFound',
    message: 'It is not there.',
    actions: [{ id: 'openInstallPage', label: 'How to Install' }],
  },
};

function bench(probes: readonly RuntimeProbe[]) {
  const clock = new ManualClock();
  let asked = 0;
  const changes: string[] = [];
  const kind = {
    id: 'agent',
    displayName: 'Agent',
    probe: (_context: ProbeContext) => Promise.resolve(probes[Math.min(asked++, probes.length - 1)] ?? missing),
  } as Partial<RuntimeKind> as RuntimeKind;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const detection = new AgentDetection({ clock, log, contextOf: () => ({ command: '', env: {}, mayRun: true }) });
  detection.onDidChange((changed) => changes.push(detection.known(changed)?.state ?? 'unknown'));
  return { clock, kind, detection, changes, asked: () => asked };
}

describe('what is known of the agents', () => {
  it('is looked for once by several who ask at once, and not again while it is good', async () => {
    const { detection, kind, clock, asked, changes } = bench([ready]);
    assert.equal(detection.known(kind), undefined);
    await Promise.all([detection.ensure(kind), detection.ensure(kind)]);
    clock.advance(60_000);
    await detection.ensure(kind);
    assert.deepEqual([asked(), changes], [1, ['ready']]);
  });

  it('is looked for again soon where something is missing', async () => {
    const { detection, kind, clock, changes } = bench([missing, ready]);
    await detection.ensure(kind);
    await detection.ensure(kind);
    clock.advance(5_000);
    await detection.ensure(kind);
    assert.deepEqual(changes, ['notFound', 'ready']);
  });

  it('is not what was found under older settings', async () => {
    const { detection, kind, changes } = bench([missing, ready]);
    const old = detection.ensure(kind);
    detection.forget();
    await Promise.all([old, detection.ensure(kind)]);
    assert.deepEqual([detection.known(kind)?.state, changes], ['ready', ['ready']]);
  });

  it('is a sentence where a setting is wrong, and nothing for a kind that needs nothing', async () => {
    const { kind } = bench([ready]);
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const detection = new AgentDetection({
      clock: new ManualClock(),
      log,
      contextOf: () => {
        throw new Error('bad setting');
      },
    });
    assert.match((await detection.ensure(kind))?.problem?.message ?? '', /bad setting/);
    const { probe: _probe, ...plain } = kind;
    assert.equal(await detection.ensure({ ...plain, id: 'plain' }), undefined);
  });

  it('is shown in an empty chat with the next step', () => {
    const seen = [undefined, ready, missing, { ...ready, state: 'found' as const }].map((probe) => {
      const { level, title, actions } = agentNotice('Agent', probe);
      return [level, title, actions.map(({ id }) => id).join(' ')];
    });
    assert.deepEqual(seen, [
      ['checking', 'Looking for Agent…', ''],
      ['good', 'Agent 1.0.0', ''],
      ['bad', 'It is not there.', 'openInstallPage checkAgents startDemo'],
      ['bad', 'Agent is installed. It starts only in a folder that you trust.', 'trustWorkspace startDemo'],
    ]);
  });
});
