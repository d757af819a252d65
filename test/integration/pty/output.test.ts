import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { block, leftFolders, problems, run, start } from './harness.ts';

const isLong = process.env['GREENROOM_LONG'] === '1';
const rounds = isLong ? 1000 : 24;

/** The lines that `seq 1 last` prints. */
function seq(last: number): string {
  return Array.from({ length: last }, (_, index) => `${index + 1}\n`).join('');
}

describe('Output of a process on a pseudo-terminal', () => {
  afterEach(() => {
    assert.deepEqual(problems.splice(0), []);
    assert.deepEqual(leftFolders(), []);
  });

  for (const last of [2000, 20_000]) {
    it(`is complete to the last byte (seq 1 ${last}, ${rounds} times)`, async function () {
      this.timeout(rounds * 2000 + 20_000);
      const expected = seq(last);
      for (let round = 0; round < rounds; round++) {
        const { output, code } = await run('pty', `seq 1 ${last}`);
        assert.ok(output === expected, `round ${round}: ${output.length} of ${expected.length} characters`);
        assert.equal(code, 0);
      }
    });
  }

  it(`is complete when the event loop was blocked while the program ended (${rounds} times)`, async function () {
    this.timeout(rounds * 3000 + 20_000);
    const expected = seq(20_000);
    for (let round = 0; round < rounds; round++) {
      const started = await start('pty', 'seq 1 20000');
      block(round % 2 === 0 ? 60 : 400);
      await started.process.ended;
      const output = started.output();
      assert.ok(output === expected, `round ${round}: ${output.length} of ${expected.length} characters`);
    }
  });

  it('is complete when every piece of it takes long to handle', async () => {
    let handled = 0;
    const started = await start('pty', 'seq 1 20000', () => {
      handled += 1;
      if (handled % 4 === 0) {
        block(60);
      }
    });
    await started.process.ended;
    assert.ok(started.output() === seq(20_000));
  });

  it('is not changed by the terminal', async () => {
    const { output } = await run('pty', String.raw`printf 'a\nb\r\nc\td\033[31m\001\377'`);
    assert.deepEqual(
      Buffer.from(output),
      Buffer.from(Buffer.from('a\nb\r\nc\td\x1b[31m\x01\xff', 'latin1').toString('utf8')),
    );
  });

  it('may contain what looks like an end mark', async () => {
    const text = '\x1eabc E0\x1e and \x1e';
    const { output, code } = await run('pty', `printf '%s' '${text}'; exit 7`);
    assert.deepEqual([output, code], [text, 7]);
  });

  it('has no line end added where the program wrote none', async () => {
    assert.equal((await run('pty', 'printf abc')).output, 'abc');
  });

  it('carries an exit code, or the signal that ended the program', async () => {
    assert.equal((await run('pty', 'exit 3')).code, 3);
    assert.equal((await run('pty', 'kill -9 $$')).code, 137);
    assert.equal((await run('pipe', 'exit 3')).code, 3);
    assert.equal((await run('pipe', 'kill -9 $$')).code, 137);
  });

  it('has error output between the lines of output, over pipes too', async () => {
    const script = String.raw`printf 'half'; printf 'error\n' >&2; sleep 0.1; printf ' line\nrest'`;
    const { output } = await run('pipe', script);
    assert.equal(output, 'half line\nerror\nrest');
  });

  it('is complete over pipes', async () => {
    const expected = seq(20_000);
    for (let round = 0; round < 5; round++) {
      assert.ok((await run('pipe', 'seq 1 20000')).output === expected);
    }
  });
});

describe('Input of a process', () => {
  for (const transport of ['pty', 'pipe'] as const) {
    it(`takes megabytes in order and then ends (${transport})`, async () => {
      const started = await start(transport, 'sha256sum');
      const hash = createHash('sha256');
      for (let at = 0; at < 5; at++) {
        const piece = `${at}${'ä'.repeat(524_288)}\n`;
        hash.update(piece);
        await started.process.write(piece);
      }
      started.process.endInput();
      const { code } = await started.process.ended;
      assert.equal(code, 0);
      assert.equal(started.output().split(' ')[0], hash.digest('hex'));
    });

    it(`is refused once the process has ended (${transport})`, async () => {
      const started = await start(transport, 'exit 0');
      await started.process.ended;
      await assert.rejects(started.process.write('late\n'));
      assert.deepEqual(leftFolders(), []);
    });
  }

  it('is no terminal, while the output is one', async () => {
    const { output } = await run('pty', '[ -t 0 ] && echo in; [ -t 1 ] && echo out; stty size < /dev/tty');
    assert.equal(output, 'out\n50 200\n');
  });

  it('leaves no name on the disk once it is open', async () => {
    const started = await start('pty', 'echo ready; read line; echo "got $line"');
    await started.until(/ready/);
    assert.deepEqual(leftFolders(), []);
    await started.process.write('word\n');
    await started.process.ended;
    assert.match(started.output(), /got word/);
  });
});
