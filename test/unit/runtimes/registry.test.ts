import assert from 'node:assert/strict';
import type { RuntimeKind } from '../../../src/core/runtime.ts';
import { RuntimeRegistry } from '../../../src/runtimes/registry.ts';

const kind = (id: string) => ({ id }) as RuntimeKind;

describe('RuntimeRegistry', () => {
  it('gives a runtime by its id', () => {
    const registry = new RuntimeRegistry();
    const claude = kind('claude-code');
    registry.register(claude);
    registry.register(kind('demo'));
    assert.equal(registry.get('claude-code'), claude);
    assert.deepEqual(registry.ids, ['claude-code', 'demo']);
    assert.throws(() => registry.register(kind('demo')), /registered already/);
  });

  it('says which runtimes there are when asked for an unknown one', () => {
    const registry = new RuntimeRegistry();
    registry.register(kind('claude-code'));
    registry.register(kind('demo'));
    assert.throws(() => registry.get('nope'), {
      code: 'unknownRuntime',
      message: "unknown agent runtime 'nope'; registered: claude-code, demo",
      data: { registered: ['claude-code', 'demo'] },
    });
  });
});
