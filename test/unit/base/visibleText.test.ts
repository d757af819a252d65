import assert from 'node:assert/strict';
import { showInvisible } from '../../../src/base/visibleText.ts';

describe('invisible characters', () => {
  it('are written out, so that what is approved is what is seen', () => {
    assert.equal(
      showInvisible('rm \u202Etxt.exe\u200B \u001b[2K\r\u0000'),
      'rm \\u{202E}txt.exe\\u{200B} \\u{1B}[2K\\u{D}\\u{0}',
    );
    assert.equal(showInvisible('\u{E0041}'), '\\u{E0041}');
  });

  it('leave ordinary text, newlines and tabs as they are', () => {
    assert.equal(showInvisible('grün 日本語 🙂\n\tx'), 'grün 日本語 🙂\n\tx');
  });
});
