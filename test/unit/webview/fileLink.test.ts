import assert from 'node:assert/strict';
import { parseFileTarget, parseLinkTarget } from '../../../src/webview/markdown/fileLink.ts';

describe('a file in a text', () => {
  it('is known by its folder and ending, or by an ending of its own', () => {
    for (const [text, path, line] of [
      ['src/a.ts', 'src/a.ts', undefined],
      ['src/a.ts:12', 'src/a.ts', 12],
      ['src/a.ts:12:7', 'src/a.ts', 12],
      ['src/a.ts:12-20', 'src/a.ts', 12],
      ['src/a.ts#L12', 'src/a.ts', 12],
      ['./a/b.unknown', './a/b.unknown', undefined],
      ['../x/y.md', '../x/y.md', undefined],
      ['/abs/file.py', '/abs/file.py', undefined],
      ['C:\\work\\a.cs', 'C:\\work\\a.cs', undefined],
      ['package.json', 'package.json', undefined],
      ['docker/Dockerfile', 'docker/Dockerfile', undefined],
    ] as const) {
      assert.deepEqual(parseFileTarget(text), line === undefined ? { path } : { path, line }, text);
    }
  });

  it('is not seen in what only resembles one', () => {
    for (const text of [
      ...['console.log', 'process.env', 'a.b.c', 'and/or', 'application/json', 'v1.2.3', '3.14', 'https://x.test/a.ts'],
      ...['//host/share/a.ts', '\\\\host\\share\\a.ts', 'javascript:alert(1)/x.ts', 'a b/c.ts', '', 'x'.repeat(400)],
    ]) {
      assert.equal(parseFileTarget(text), undefined, text);
    }
  });

  it('is named by a link with or without a line', () => {
    assert.deepEqual(parseLinkTarget('src/a.ts#L3-L9'), { path: 'src/a.ts', line: 3 });
    assert.deepEqual(parseLinkTarget('src/a.ts:3'), { path: 'src/a.ts', line: 3 });
    assert.deepEqual(parseLinkTarget('docs/a.md#heading'), { path: 'docs/a.md' });
  });
});
