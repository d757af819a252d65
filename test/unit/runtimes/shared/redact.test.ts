import assert from 'node:assert/strict';
import { redactorFor } from '../../../../src/runtimes/shared/redact.ts';

describe('redactorFor', () => {
  const redact = redactorFor({ MY_API_KEY: 'correct"horse', SHORT_KEY: 'abc', HOME: '/home/somebody' });

  it('takes out the values of secret variables, in JSON too', () => {
    assert.equal(redact('x correct"horse y'), 'x [redacted] y');
    assert.equal(redact(JSON.stringify({ a: 'correct"horse' })), '{"a":"[redacted]"}');
  });

  it('takes out what looks like a key or a token', () => {
    assert.equal(redact(`sk-ant-api03-${'a'.repeat(40)}`), '[redacted]');
    assert.equal(redact(`Authorization: Bearer ${'b'.repeat(30)}`), 'Authorization: Bearer [redacted]');
    assert.equal(redact(`ghp_${'c'.repeat(36)} AKIA${'D'.repeat(16)}`), '[redacted] [redacted]');
  });

  it('leaves everything else as it is', () => {
    const text = 'abc /home/somebody task-list sk-short toolu_01ABCDEF 3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    assert.equal(redact(text), text);
  });
});
