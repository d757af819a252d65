import assert from 'node:assert/strict';
import { droppedMark } from '../../../../src/core/tools/readForModel.ts';
import { shellTools } from '../../../../src/core/tools/shellTools.ts';
import type { ToolOutcome } from '../../../../src/core/tools/tool.ts';
import { matchLines } from '../../../../src/platform/matchLines.ts';
import { settle, ShellStage } from '../../../support/fakeShells.ts';

/** A model that calls tools. */
class Model {
  readonly stage = new ShellStage();
  readonly progress: string[] = [];
  readonly abort = new AbortController();
  readonly sessionId: string;

  constructor(sessionId = 's') {
    this.sessionId = sessionId;
  }

  readonly #tools = shellTools({
    registry: this.stage.registry,
    clock: this.stage.clock,
    defaultTimeoutSeconds: () => 120,
    matchLines,
  });

  tool(name: string) {
    const tool = this.#tools.find((candidate) => candidate.name === name);
    assert.ok(tool, name);
    return tool;
  }

  wants(name: string, input: unknown) {
    const call = this.tool(name).prepare(input);
    return 'problem' in call ? call.problem : call.wants;
  }

  async call(name: string, input: unknown, sessionId = this.sessionId): Promise<ToolOutcome> {
    const call = this.tool(name).prepare(input);
    assert.ok(!('problem' in call), 'problem' in call ? call.problem : '');
    const outcome = await call.run({
      sessionId,
      toolCallId: 't',
      cwd: '/w',
      signal: this.abort.signal,
      progress: (text) => this.progress.push(text),
    });
    return outcome;
  }

  /** Starts a background shell and answers its id. */
  async background(command = 'serve'): Promise<string> {
    const { text } = await this.call('bash', { command, background: true });
    const id = /id: ([0-9a-f]{32})/.exec(text)?.[1];
    assert.ok(id, text);
    return id;
  }

  get process() {
    return this.stage.runner.last;
  }
}

describe('bash in the background', () => {
  it('answers at once, and says how to go on', async () => {
    const model = new Model();
    const first = await model.call('bash', { command: 'npm start', background: true });
    const id = model.stage.registry.list()[0]?.id ?? '';
    assert.deepEqual(first, {
      text: `background shell started — id: ${id} (runs until it exits or you kill it)\nRead its output with bash_output {"id": "${id}"}; stop it with kill_shell {"id": "${id}"}.`,
      isError: false,
    });
    const { text } = await model.call('bash', { command: 'x', background: true, timeout: 7, tty: true, cwd: 'sub' });
    assert.match(text, /^background shell started — id: [0-9a-f]{32} \(auto-killed after 7 s\)\n/);
    assert.match(text, /write_stdin/);
    const { command, cwd, tty } = model.process.spec;
    assert.deepEqual({ command, cwd, tty }, { command: 'x', cwd: '/w/sub', tty: true });
  });

  it('is refused at the cap, and then unknown', async () => {
    const model = new Model();
    for (let at = 0; at < 8; at++) {
      await model.background();
    }
    const refused = await model.call('bash', { command: 'ninth', background: true });
    assert.deepEqual(refused, {
      text: 'background shell cap reached (8 running). Stop one with kill_shell, or run inline (background=false).',
      isError: true,
    });
    assert.equal(model.stage.registry.list().length, 8);
    const ninth = '9'.padStart(32, '0');
    assert.deepEqual(await model.call('bash_output', { id: ninth }), {
      text: `no background shell with id "${ninth}" (it may have been evicted)`,
      isError: true,
    });
  });

  it('says that it could not start', async () => {
    const model = new Model();
    model.stage.runner.fail = new Error('ENOENT');
    const { text, isError } = await model.call('bash', { command: 'x', background: true });
    assert.match(text, /^\[shell [0-9a-f]{32} — failed: failed to spawn: ENOENT\]$/);
    assert.ok(isError);
    assert.equal(model.stage.registry.completions.has('s'), false, 'which is not told again');
  });

  it('has no timeout of 0', async () => {
    const model = new Model();
    for (const timeout of [0, -1]) {
      const { text, isError } = await model.call('bash', { command: 'x', timeout, background: timeout === 0 });
      assert.deepEqual([text, isError], ['timeout must be more than 0 seconds; leave it out for the default', true]);
    }
    assert.equal(model.stage.runner.processes.length, 0);
  });
});

describe('bash in the foreground', () => {
  it('returns the output and the exit code, and leaves nothing behind', async () => {
    const model = new Model();
    const answer = model.call('bash', { command: 'make' });
    await settle();
    model.process.say('building\n');
    model.process.say('oops\n', true);
    model.process.exit(2);
    assert.deepEqual(await answer, { text: 'building\noops\n[exit code: 2]', isError: true });
    const again = model.call('bash', { command: 'true' });
    await settle();
    model.process.say('no newline');
    model.process.exit(0);
    assert.deepEqual(await again, { text: 'no newline\n[exit code: 0]', isError: false });
    assert.deepEqual(model.stage.registry.list(), []);
    assert.equal(model.stage.clock.timers, 0);
    assert.equal(model.stage.registry.completions.has('s'), false);
  });

  it('tells from time to time what it said so far, up to a limit', async () => {
    const model = new Model();
    const answer = model.call('bash', { command: 'make' });
    await settle();
    model.process.say('step 1\n');
    model.process.say(Buffer.from('ä').subarray(0, 1));
    await model.stage.clock.run(1000);
    model.process.say(Buffer.from('ä').subarray(1));
    model.process.say('x'.repeat(100_000));
    await model.stage.clock.run(1000);
    model.process.say('more');
    await model.stage.clock.run(1000);
    assert.deepEqual(
      model.progress.map((text) => [text.length, text.slice(0, 9)]),
      [
        [7, 'step 1\n'],
        [65_535, 'step 1\näx'],
      ],
    );
    model.process.exit(0);
    await answer;
  });

  it('moves to the background when its time is up, with what it has said', async () => {
    const model = new Model();
    const answer = model.call('bash', { command: 'make' });
    await settle();
    model.process.say('so far\n');
    await model.stage.clock.run(120_000, 1000);
    const { text, isError } = await answer;
    const id = model.stage.registry.list()[0]?.id ?? '';
    assert.equal(
      text.split('\n').slice(0, 2).join('\n'),
      `so far\n[the command still runs after 120 s; it was moved to the background — id: ${id}]`,
    );
    assert.equal(isError, false);
    model.process.say('more\n');
    assert.equal((await model.call('bash_output', { id })).text, `[shell ${id} — running]\nmore\n`);
    await model.stage.clock.run(1_000_000, 100_000);
    assert.equal(model.stage.registry.get(id)?.status.kind, 'running', 'and has no timeout any more');
  });

  it('is ended at the cap instead, and says so', async () => {
    const model = new Model();
    model.stage.limits.maxRunning = 1;
    await model.background();
    const answer = model.call('bash', { command: 'make', timeout: 3 });
    await settle();
    model.process.say('so far');
    await model.stage.clock.run(3000, 100);
    assert.deepEqual(await answer, {
      text: 'so far\n[killed] the command still runs after 3 s; it was ended: background shell cap reached (1 running). Stop one with kill_shell, or run inline (background=false).',
      isError: true,
    });
    assert.equal(model.stage.registry.list().length, 1);
  });

  it('says that something still runs when the command itself has exited', async () => {
    const model = new Model();
    const answer = model.call('bash', { command: 'server &' });
    await settle();
    model.process.exit(0, [77]);
    const { text } = await answer;
    const id = model.stage.registry.list()[0]?.id ?? '';
    assert.match(
      text,
      new RegExp(
        `^\\[the command has exited with code 0, but processes that it started still run; it was moved to the background — id: ${id}\\]`,
      ),
    );
    assert.equal(
      (await model.call('bash_output', { id })).text,
      `[shell ${id} — left running]\n(the shell has exited with code 0; still running: 77)\n(no new output)`,
    );
  });

  it('is ended when its turn is cancelled', async () => {
    const model = new Model();
    const answer = model.call('bash', { command: 'make' });
    await settle();
    model.abort.abort();
    assert.deepEqual(await answer, {
      text: '[killed] the command was ended, because the turn was cancelled',
      isError: true,
    });
    assert.equal(model.process.kills, 1);
  });

  it('keeps in the list what could not be ended', async () => {
    const model = new Model();
    const answer = model.call('bash', { command: 'make' });
    await settle();
    model.process.survivors = [66];
    model.abort.abort();
    const { text } = await answer;
    const [shell] = model.stage.registry.list();
    assert.match(text, new RegExp(`^\\[could not end all processes of background shell ${shell?.id}: 66\\]`));
  });

  it('shortens what is long, and names the file that has the rest', async () => {
    const model = new Model();
    const answer = model.call('bash', { command: 'cat big' });
    await settle();
    const whole = Array.from({ length: 10_000 }, (_, at) => `line ${at}\n`).join('');
    model.process.say(whole);
    model.process.exit(0);
    const { text } = await answer;
    assert.ok(text.length < 30_000 + 100);
    const [, count, path, byte] = /…\[(\d+) characters omitted; they are in (\S+) from byte (\d+)\]…/.exec(text) ?? [];
    const [file] = model.stage.logs.files.values();
    assert.ok(file !== undefined && path === file.path && Number(count) > 50_000);
    assert.equal(file.isRemoved, false);
    await settle();
    assert.ok(file.text === whole);
    assert.ok(text.startsWith(whole.slice(0, Number(byte))));
  });

  it('leaves no stored output where the answer has all of it', async () => {
    const model = new Model();
    const answer = model.call('bash', { command: 'echo hi' });
    await settle();
    model.process.say('hi\n');
    model.process.exit(0);
    await answer;
    await settle();
    assert.deepEqual(
      [...model.stage.logs.files.values()].map(({ isRemoved }) => isRemoved),
      [true],
    );
  });
});

describe('bash_output', () => {
  it('gives what came since the last call, and the status', async () => {
    const model = new Model();
    const id = await model.background();
    const read = async (): Promise<string> => (await model.call('bash_output', { id })).text;
    assert.equal(await read(), `[shell ${id} — running]\n(no new output)`);
    model.process.say('one\n');
    model.process.say('two');
    assert.equal(await read(), `[shell ${id} — running]\none\ntwo`);
    model.process.say(' and three\n');
    model.process.exit(3);
    assert.equal(await read(), `[shell ${id} — exited(3)]\n and three\n`);
    assert.equal(await read(), `[shell ${id} — exited(3)]\n(no new output)`);
    assert.equal(model.stage.registry.completions.has('s'), false, 'the end is known');
  });

  it('says how much it could not keep', async () => {
    const model = new Model();
    model.stage.limits.unreadLimitBytes = 4000;
    const id = await model.background();
    model.process.say('a'.repeat(10_000));
    const { text } = await model.call('bash_output', { id });
    assert.equal(text, `[shell ${id} — running]\n${'a'.repeat(1000)}\n${droppedMark(6000)}\n${'a'.repeat(3000)}`);
  });

  it('waits until there is something, the shell ends, its time is up, or the turn is cancelled', async () => {
    const model = new Model();
    const id = await model.background();
    const waiting = model.call('bash_output', { id, wait_ms: 10_000 });
    await settle();
    model.process.say('news\n');
    assert.equal((await waiting).text, `[shell ${id} — running]\nnews\n`);

    const patient = model.call('bash_output', { id, wait_ms: 10_000 });
    await settle();
    model.stage.clock.advance(10_000);
    assert.equal((await patient).text, `[shell ${id} — running]\n(no new output)`);

    const cancelled = model.call('bash_output', { id, wait_ms: 10_000 });
    await settle();
    model.abort.abort();
    await cancelled;

    const other = new Model();
    const second = await other.background();
    const end = other.call('bash_output', { id: second, wait_ms: 10_000 });
    await settle();
    other.process.exit(0);
    assert.equal((await end).text, `[shell ${second} — exited(0)]\n(no new output)`);
  });

  it('shows the lines that match, and names the place of the others', async () => {
    const model = new Model();
    const id = await model.background();
    model.process.say('one error\ntwo\nthree error\nfour\n');
    const { text } = await model.call('bash_output', { id, filter: 'err(or)?$' });
    assert.equal(
      text,
      `[shell ${id} — running]\none error\nthree error\n…[2 lines do not match the filter; everything is in /logs/s/${id}.log from byte 0]\n`,
    );
    assert.equal((await model.call('bash_output', { id })).text, `[shell ${id} — running]\n(no new output)`);
    model.process.say('x\n');
    assert.deepEqual(await model.call('bash_output', { id, filter: '(' }), {
      text: 'the filter cannot be used: Invalid regular expression: /(/: Unterminated group',
      isError: true,
    });
    assert.equal((await model.call('bash_output', { id })).text, `[shell ${id} — running]\nx\n`);
  });

  it('reads no more than it can show where the rest cannot be stored', async () => {
    const model = new Model();
    const id = await model.background();
    const file = model.stage.logs.files.get(id);
    assert.ok(file);
    file.fail = new Error('ENOSPC');
    const whole = Array.from({ length: 9000 }, (_, at) => `line ${at}\n`).join('');
    model.process.say(whole);
    const filtered = await model.call('bash_output', { id, filter: 'line 7$' });
    assert.match(filtered.text, /\nline 7\n…\[8999 lines do not match the filter; nothing counts as read/);
    let seen = '';
    for (let at = 0; at < 10 && seen.length < whole.length; at++) {
      const { text } = await model.call('bash_output', { id });
      seen += text.replace(/^.*\n/, '').replace('\n…[more is unread: call bash_output again]', '');
    }
    assert.ok(seen === whole);
  });

  it("knows nothing of another session's shells, nor do the others", async () => {
    const model = new Model();
    const id = await model.background();
    assert.equal((await model.call('bash_output', { id }, 'other')).isError, true);
    assert.equal((await model.call('write_stdin', { id, text: 'x' }, 'other')).isError, true);
    await model.call('kill_shell', { id }, 'other');
    assert.equal(model.process.kills, 0);
  });
});

describe('kill_shell', () => {
  it('kills what runs, and is no error for what does not', async () => {
    const model = new Model();
    const id = await model.background();
    const gone = `no running background shell with id "${id}" (already exited or unknown)`;
    assert.deepEqual(await model.call('kill_shell', { id }), { text: `killed background shell ${id}`, isError: false });
    assert.deepEqual(await model.call('kill_shell', { id }), { text: gone, isError: false });
    assert.deepEqual(await model.call('kill_shell', { id: 'x' }), {
      text: 'no running background shell with id "x" (already exited or unknown)',
      isError: false,
    });
    assert.equal(model.stage.registry.completions.has('s'), false, 'the end is known');
    assert.match((await model.call('bash_output', { id })).text, /— killed\]/);
  });

  it('says what it could not end', async () => {
    const model = new Model();
    const id = await model.background();
    model.process.survivors = [41, 42];
    assert.deepEqual(await model.call('kill_shell', { id }), {
      text: `could not end all processes of background shell ${id}: 41, 42`,
      isError: true,
    });
  });
});

describe('write_stdin', () => {
  it('types into a terminal, and only there', async () => {
    const model = new Model();
    const plain = await model.background();
    const { text } = await model.call('bash', { command: 'python3', background: true, tty: true });
    const id = /id: (\w+)/.exec(text)?.[1] ?? '';
    assert.equal((await model.call('write_stdin', { id, text: '1 + 1\n' })).isError, false);
    assert.deepEqual(model.process.written, ['1 + 1\n']);
    assert.match(
      (await model.call('write_stdin', { id: plain, text: 'x' })).text,
      /has no terminal: start it with tty: true/,
    );
    model.process.exit(0);
    assert.match((await model.call('write_stdin', { id, text: 'x' })).text, /^no running background shell/);
  });
});

describe('what the tools want', () => {
  it('is decided as the command that would run, in the background too', () => {
    const model = new Model();
    const execute = (command: string) => ({ access: 'execute', paths: [], command });
    assert.deepEqual(model.wants('bash', { command: 'ls' }), execute('ls'));
    assert.deepEqual(model.wants('bash', { command: 'ls', background: true, tty: true, timeout: 5 }), execute('ls'));
    assert.deepEqual(model.wants('bash', { command: 'ls', cwd: '../x' }), execute('cd ../x && ls'));
    assert.deepEqual(
      model.wants('bash', { command: 'ls', cwd: "it's; rm" }),
      execute(String.raw`cd 'it'\''s; rm' && ls`),
    );
    assert.deepEqual(model.wants('write_stdin', { id: 'x', text: 'rm -rf .\n' }), {
      ...execute('rm -rf .\n'),
      shell: 'input',
    });
    for (const name of ['bash_output', 'kill_shell']) {
      assert.deepEqual(model.wants(name, { id: 'x' }), { access: 'internal', paths: [] });
    }
    assert.deepEqual(
      ['bash', 'bash_output', 'kill_shell', 'write_stdin'].filter((name) => model.tool(name).isReadOnly === true),
      ['bash_output'],
      'what runs beside other calls',
    );
  });

  it('has an id where it has to have one, and says what does not fit', () => {
    const model = new Model();
    for (const name of ['bash_output', 'kill_shell', 'write_stdin']) {
      const { required } = model.tool(name).inputSchema as { required?: string[] };
      assert.ok(required?.includes('id'), name);
      assert.match(JSON.stringify(model.wants(name, {})), /do not fit/);
    }
    assert.match(model.tool('bash_output').description, /since the last call[^]*status[^]*[Pp]oll[^]*kill_shell/);
    assert.match(model.tool('kill_shell').description, /whole process group[^]*no-op once the shell has exited/);
  });
});
