import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Redactor, secretValues } from '../../../src/core/redact.ts';

const key = [
  '-----BEGIN RSA PRIVATE KEY-----',
  'MIIEpAIBAAKCAQEAxGkXw0examp1e0examp1e0examp1e',
  'q83vASNFZ4mrze8=',
  '-----END RSA PRIVATE KEY-----',
].join('\n');
const secrets = [
  'sk-ant-api03-AbCdEfGhIjKlMnOpQrStUv_WxYz-0123456789',
  'sk-proj-abcdefghijklmnopqrstuvwx',
  `AIza${'Sy'.repeat(17)}A`,
  `ghp_${'a1B2'.repeat(9)}`,
  `github_pat_${'x'.repeat(40)}`,
  `xoxb-${'1234567890-'.repeat(3)}abc`,
  'AKIAIOSFODNN7EXAMPLE',
  `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P`,
];
const values = ['hunter2-hunter2', 'with spaces in it', 'quo"ted\\value', 'line one of it\nline two of it'];
const redactor = new Redactor(values);

function inPieces(text: string, cuts: readonly number[]): string {
  const stream = redactor.stream();
  let result = '';
  let from = 0;
  for (const cut of [...cuts].map((cut) => cut % (text.length + 1)).sort((a, b) => a - b)) {
    result += stream.push(text.slice(from, cut));
    from = cut;
  }
  return result + stream.push(text.slice(from)) + stream.end();
}

describe('redaction', () => {
  it('takes out what looks like a key', () => {
    for (const secret of secrets) {
      assert.equal(redactor.redact(`before ${secret} after`), 'before [redacted] after');
      assert.equal(redactor.redact(`{"a":"x\\n${secret}"}`), '{"a":"x\\n[redacted]"}');
      assert.equal(redactor.redact(`KEY=${secret}\n`), 'KEY=[redacted]\n');
    }
  });

  it('takes out bearer tokens, passwords in addresses and private keys', () => {
    assert.equal(redactor.redact('Authorization: Bearer abc.def-ghi_jkl~mno'), 'Authorization: Bearer [redacted]');
    assert.equal(redactor.redact('https://me:pa55word@host/x'), 'https://me:[redacted]@host/x');
    assert.equal(redactor.redact(`a\n${key}\nb`), 'a\n[redacted]\nb');
    assert.equal(redactor.redact(JSON.stringify({ key })), '{"key":"[redacted]"}');
  });

  it('takes out the values that it was given, also as JSON writes them', () => {
    for (const value of values) {
      assert.equal(redactor.redact(`<${value}>`), '<[redacted]>');
      assert.equal(redactor.redact(JSON.stringify([value])), '["[redacted]"]');
    }
  });

  it('leaves ordinary text alone', () => {
    for (const text of [
      'risk-averse-people-are-many-and-long-words',
      'the task-list-of-something-quite-long',
      'http://localhost:3000/path@version',
      'Bearer of bad news',
      "const begin = '-----BEGIN PRIVATE KEY-----'; // the first line (of a key)",
      'commit 8dd7d9c0f3a1b2c3d4e5f60718293a4b5c6d7e8f',
    ]) {
      const rest = text.replace('-----BEGIN PRIVATE KEY-----', '');
      assert.ok(redactor.redact(text).includes(rest === text ? text : '(of a key)'), text);
    }
  });

  it('finds the same wherever a stream is cut', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...secrets,
        ...values,
        key,
        JSON.stringify({ key }),
        'Bearer ',
        'Bearer abcdefghijklmnop',
        '://u:pass@h',
      ),
      fc.constantFrom(
        ' ',
        '\n',
        '"',
        '\\n',
        '=',
        '-----',
        '-----BEGIN ',
        'sk-',
        'with spaces',
        'line one of it\n',
        'word',
      ),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(2000), { maxLength: 30 }), (pieces, cuts) => {
        const text = pieces.join('');
        assert.equal(inPieces(text, cuts), redactor.redact(text));
      }),
      { numRuns: process.env['GREENROOM_LONG'] === '1' ? 100_000 : 10_000 },
    );
  });

  it('finds the same when every character comes alone', () => {
    for (const secret of [...secrets, ...values, key, `Bearer ${'t'.repeat(30)}`]) {
      const text = `x ${secret} y ${secret}\n`;
      assert.equal(
        inPieces(
          text,
          Array.from(text, (_, index) => index),
        ),
        redactor.redact(text),
      );
    }
  });

  it('gives ordinary words back at once, and holds only the last', () => {
    const stream = redactor.stream();
    assert.equal(stream.push('one two thr'), 'one two ');
    assert.equal(stream.push('ee '), 'three ');
    assert.equal(stream.end(), '');
  });

  it('holds only a bounded part of a word that does not end, and still finds what is in it', () => {
    const stream = redactor.stream();
    const [secret = ''] = secrets;
    const filler = `${'x'.repeat(1000)}/`;
    let given = '';
    for (let round = 0; round < 50; round++) {
      const text = `${filler}${secret}${filler.replace('x', '"')}`;
      for (let index = 0; index < text.length; index += 7) {
        given += stream.push(text.slice(index, index + 7));
      }
      assert.ok(given.length > (round + 1) * 2000 - 20_000 - 4000);
    }
    given += stream.end();
    assert.ok(!given.includes('api03'));
  });

  it('swallows a token that is longer than what is held', () => {
    const stream = redactor.stream();
    let given = stream.push('token sk-ant-');
    for (let index = 0; index < 1000; index++) {
      given += stream.push('abcdefghij'.repeat(10));
    }
    given += stream.push(' end\n') + stream.end();
    assert.equal(given, 'token [redacted] end\n');
  });

  it('knows secrets by the name of their variable', () => {
    assert.deepEqual(
      secretValues({ API_KEY: 'one', PATH: 'two', MY_TOKEN: 'three', OTHER: 'four', NONE: undefined }, ['OTHER']),
      ['one', 'three', 'four'],
    );
  });
});
