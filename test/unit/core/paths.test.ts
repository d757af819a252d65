import assert from 'node:assert/strict';
import path from 'node:path';
import fc from 'fast-check';
import { isInside, normalizePath, resolvePath, shortPath } from '../../../src/core/paths.ts';

describe('paths', () => {
  it('resolve as Node resolves them, for random paths', () => {
    const segment = fc.constantFrom('..', '.', '', 'a', 'b c', '...', '.git');
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), fc.boolean(), (segments, absolute) => {
        const text = `${absolute ? '/' : ''}${segments.join('/')}`;
        assert.equal(resolvePath('/w/x', text), path.posix.resolve('/w/x', text));
      }),
      { numRuns: 3_000 },
    );
  });

  it('resolve Windows paths too', () => {
    assert.equal(resolvePath('C:\\w', 'a\\..\\b'), 'C:\\w\\b');
    assert.equal(resolvePath('C:\\w', 'D:/x/./y'), 'D:\\x\\y');
    assert.equal(normalizePath('\\\\server\\share\\a\\..\\b'), '\\\\server\\share\\b');
  });

  it('are inside a folder by whole names only', () => {
    assert.ok(isInside('/w', '/w/a') && isInside('/w', '/w') && isInside('/', '/x'));
    assert.ok(!isInside('/w', '/wrong') && !isInside('/w/a', '/w'));
  });

  it('are shown relative to the folder they are in', () => {
    assert.deepEqual([shortPath('/w', '/w/a/b'), shortPath('/w', '/x'), shortPath('/w', '/w')], ['a/b', '/x', '/w']);
  });
});
