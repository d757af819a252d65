import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Redactor } from '../../../src/core/redact.ts';
import { asBytes, SecretMask } from '../../../src/platform/secretMask.ts';

const values = ['hunter2-hunter2', 'with spaces in it', 'schlüssel-ä-ö-ü', 'line one of it\nline two of it'];
const secrets = [
  ...values,
  'sk-ant-api03-AbCdEfGhIjKlMnOpQrStUv_WxYz-0123456789',
  `AIza${'Sy'.repeat(17)}A`,
  `ghp_${'a1B2'.repeat(9)}`,
  'AKIAIOSFODNN7EXAMPLE',
  `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P`,
  `-----BEGIN PRIVATE KEY-----\n${'MIIEpAIBAAKCAQEA'.repeat(20)}\n-----END PRIVATE KEY-----`,
];
const redactor = new Redactor(asBytes(values));

function mask(bytes: Buffer, cuts: readonly number[]): Buffer {
  const masked = new SecretMask(redactor);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)) {
    pieces.push(Buffer.from(masked.push(bytes.subarray(from, cut))));
    from = cut;
  }
  pieces.push(Buffer.from(masked.push(bytes.subarray(from))), masked.end());
  return Buffer.concat(pieces);
}

describe('the mask of a stored log', () => {
  it('covers every secret by as many bytes as it has, however the output is cut, and changes nothing else', () => {
    const word = fc.constantFrom(
      'task-1',
      'word',
      '日本語',
      'https://host/path',
      'a@b',
      '\u001B[31mred\u001B[0m',
      '100%\r',
      '-----',
    );
    const piece = fc.oneof({ weight: 6, arbitrary: word }, { weight: 1, arbitrary: fc.constantFrom(...secrets) });
    const space = fc.constantFrom(' ', '\n', '\n\n', '\t');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(piece, space), { maxLength: 60 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (parts, cuts) => {
          const text = parts.map(([part, after]) => part + after).join('');
          const bytes = Buffer.from(text);
          const masked = mask(bytes, cuts);
          const expected = parts
            .map(([part, after]) => {
              const length = Buffer.byteLength(part);
              return (secrets.includes(part) ? '[redacted]'.padEnd(length, '*').slice(0, length) : part) + after;
            })
            .join('');
          assert.equal(masked.toString(), expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('holds no line back that is complete, unless a secret may go on behind its end', () => {
    const masked = new SecretMask(redactor);
    assert.equal(masked.push(Buffer.from('ready\n')).toString(), 'ready\n');
    assert.equal(masked.push(Buffer.from('line one of it\n')).toString(), '');
    assert.equal(masked.push(Buffer.from('something else\n')).toString(), 'line one of it\nsomething else\n');
    const half = masked.push(Buffer.from('line one of it\n')).toString();
    const rest = masked.push(Buffer.from('line two of it\n')).toString() + masked.end().toString();
    assert.equal(half + rest, `${'[redacted]'.padEnd(29, '*')}\n`);
  });

  it('covers passwords in addresses and bearer tokens', () => {
    const text = 'git clone https://me:pa55word-1@host/x\nAuthorization: Bearer abc.def-ghi_jkl~mno\n';
    assert.equal(
      mask(Buffer.from(text), [20, 60, 61]).toString(),
      'git clone https://me:[redacted]@host/x\nAuthorization: Bearer [redacted]*********\n',
    );
  });

  it('keeps bytes that are no text as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(), { maxLength: 4 }), (bytes, cuts) => {
        const masked = mask(Buffer.from(bytes), cuts);
        assert.equal(masked.length, bytes.length);
      }),
    );
    const binary = Buffer.from(Array.from({ length: 1024 }, (_, at) => at % 256));
    assert.ok(mask(binary, [100, 500]).equals(binary));
  });

  it('knows by its hints everything that it would cover', () => {
    for (const secret of secrets) {
      const bytes = Buffer.from(secret).toString('latin1');
      assert.ok(
        redactor.hints.some((hint) => bytes.includes(hint)),
        secret,
      );
    }
  });

  it('takes of the time that looking for secrets takes only a part, for ordinary output', () => {
    const lines = Buffer.from('[12] compiling src/module.ts with --strict --target es2022: ok\n'.repeat(1000));
    const masked = new SecretMask(redactor);
    const slow = redactor.stream();
    const text = lines.toString('latin1');
    // The best of many, one beside the other: what else the machine does only makes a round slower.
    const best = { masked: Infinity, slow: Infinity };
    const time = (way: keyof typeof best, times: number, push: () => unknown): void => {
      const started = performance.now();
      for (let round = 0; round < times; round++) {
        push();
      }
      best[way] = Math.min(best[way], (performance.now() - started) / times);
    };
    for (let round = 0; round < 20; round++) {
      time('masked', 8, () => masked.push(lines));
      time('slow', 1, () => slow.push(text));
    }
    assert.ok(best.masked < best.slow / 2, `${best.masked} ms, and ${best.slow} ms`);
  });
});
