import assert from 'node:assert/strict';
import { globExpression } from '../../../src/platform/globExpression.ts';

describe('a glob pattern', () => {
  const files = ['a.ts', 'b.tsx', 'src/a.ts', 'src/deep/a.ts', '.hidden/a.ts', 'src/a+b.js', 'src/[x].ts'];
  const fits = (glob: string): readonly string[] => files.filter((file) => globExpression(glob).test(file));

  it('fits paths as git and ripgrep read it', () => {
    assert.deepEqual(fits('**/*.ts'), ['a.ts', 'src/a.ts', 'src/deep/a.ts', '.hidden/a.ts', 'src/[x].ts']);
    assert.deepEqual(fits('a.ts'), ['a.ts', 'src/a.ts', 'src/deep/a.ts', '.hidden/a.ts']);
    assert.deepEqual(fits('src/*.ts'), ['src/a.ts', 'src/[x].ts']);
    assert.deepEqual(fits('./src/**'), ['src/a.ts', 'src/deep/a.ts', 'src/a+b.js', 'src/[x].ts']);
    assert.deepEqual(fits('*.{tsx,js}'), ['b.tsx', 'src/a+b.js']);
    assert.deepEqual(fits('src/[ab]*.?s'), ['src/a.ts', 'src/a+b.js']);
    assert.deepEqual(fits('src/[!a]*.ts'), ['src/[x].ts']);
    assert.deepEqual(fits('src/a+b.js'), ['src/a+b.js']);
    assert.deepEqual(fits('{unclosed'), []);
  });
});
