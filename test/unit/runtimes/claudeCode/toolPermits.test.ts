import assert from 'node:assert/strict';
import { ToolPermits } from '../../../../src/runtimes/claudeCode/toolPermits.ts';

const call = (input: unknown, toolCallId: string | undefined = 'toolu_1', name = 'bash') => ({
  toolCallId,
  name,
  input,
});

describe('Permits for our tools', () => {
  it('are for one call, once', () => {
    const permits = new ToolPermits();
    permits.allow(call({ command: 'ls' }));
    assert.deepEqual(
      [permits.take(call({ command: 'ls' }, 'toolu_2')), permits.take(call({ command: 'ls' }))],
      [false, true],
    );
    assert.equal(permits.take(call({ command: 'ls' })), false);
  });

  it('are for exactly the tool and the arguments that were decided on, in whatever order these stand', () => {
    const permits = new ToolPermits();
    permits.allow(call({ command: 'ls', at: { x: 1, y: [{ b: 2, a: 1 }] } }));
    const others = [
      call({ command: 'ls -a', at: { x: 1, y: [{ b: 2, a: 1 }] } }),
      call({ command: 'ls', at: { x: 1, y: [{ b: 2 }, { a: 1 }] } }),
      call({ command: 'ls' }),
      call({ command: 'ls', at: { x: 1, y: [{ b: 2, a: 1 }] } }, 'toolu_1', 'kill_shell'),
    ];
    assert.deepEqual(
      others.map((other) => permits.take(other)),
      [false, false, false, false],
    );
    assert.equal(permits.take(call({ at: { y: [{ a: 1, b: 2 }], x: 1 }, command: 'ls' })), true);
  });

  it('are found by the arguments for a version that does not say which call it makes', () => {
    const permits = new ToolPermits();
    permits.allow(call({ command: 'ls' }));
    const nameless = { toolCallId: undefined, name: 'bash', input: { command: 'ls' } };
    assert.deepEqual([permits.take(nameless), permits.take(nameless)], [true, false]);
  });

  it('are never given for what has no text', () => {
    const permits = new ToolPermits();
    const deep: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    permits.allow(call(deep));
    assert.equal(permits.take(call(deep)), false);
  });

  it('are bounded: the oldest goes', () => {
    const permits = new ToolPermits();
    for (let count = 0; count <= 256; count++) {
      permits.allow(call({}, `toolu_${count}`));
    }
    assert.deepEqual([permits.take(call({}, 'toolu_0')), permits.take(call({}, 'toolu_1'))], [false, true]);
  });

  it('end with the process', () => {
    const permits = new ToolPermits();
    permits.allow(call({}));
    permits.clear();
    assert.equal(permits.take(call({})), false);
  });
});
