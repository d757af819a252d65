import assert from 'node:assert/strict';
import { ShellStage } from '../../../support/fakeShells.ts';

describe('the end of a background shell', () => {
  it('is told to its session once, with what it said last, plain and without secrets', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start({ command: 'make\nall' });
    process.say(`\u001B[32mok\u001B[0m\n10 %\r99 %\nkey sk-${'a1'.repeat(20)}\n`);
    stage.clock.advance(1500);
    process.exit(2);
    const { completions } = stage.registry;
    assert.equal(
      completions.take('s'),
      [
        'Background shells that have ended since your last turn:',
        `- id: ${shell.id}`,
        '  command:',
        '  | make',
        '  | all',
        '  status: exited(2)',
        '  exit code: 2',
        '  success: false',
        '  elapsed: 1500 ms',
        '  output (at most its last 4096 characters):',
        '  | ok',
        '  | 99 %',
        '  | key [redacted]',
      ].join('\n'),
    );
    assert.equal(completions.take('s'), undefined);
    assert.equal(completions.take('other'), undefined);
    assert.equal(Buffer.from(shell.unread.peek(true).head).toString().split('\n').length, 4, 'the read cursor stays');
  });

  it('is a success with the exit code 0 alone; killed is 128 and the signal, and what has no code is -1', async () => {
    const stage = new ShellStage();
    (await stage.start()).process.exit(0);
    await (await stage.start()).shell.kill();
    stage.runner.fail = new Error('no');
    await stage.start().catch(() => undefined);
    stage.runner.fail = undefined;
    const { shell } = await stage.start({ timeoutSeconds: 1 });
    stage.clock.advance(1000);
    await shell.kill();
    const told = stage.registry.completions.take('s') ?? '';
    assert.deepEqual(
      [...told.matchAll(/status: (.*)\n {2}exit code: (.*)\n {2}success: (.*)/g)].map(([, ...found]) => found),
      [
        ['exited(0)', '0', 'true'],
        ['killed', '143', 'false'],
        ['failed: failed to spawn: no', '-1', 'false'],
        ['failed: auto-killed after 1 s timeout', '-1', 'false'],
      ],
    );
  });

  it('is not told again to a model that has read the final status', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.exit(0);
    shell.hasToldEnd = true;
    assert.equal(stage.registry.completions.has('s'), false);
    assert.equal(stage.registry.completions.take('s'), undefined);
  });

  it('is left out with a word when too many wait', async () => {
    const stage = new ShellStage();
    for (let at = 0; at < 19; at++) {
      (await stage.start({ command: `command ${at}` })).process.exit(0);
    }
    const told = stage.registry.completions.take('s') ?? '';
    assert.match(told, /\n- \(3 older ones are left out: more than 16 were waiting\)\n/);
    assert.deepEqual(
      [...told.matchAll(/command (\d+)/g)].map(([, at]) => Number(at)),
      Array.from({ length: 16 }, (_, at) => at + 3),
    );
  });

  it('is told the next time, before what has ended since, where it did not reach the model', async () => {
    const stage = new ShellStage();
    const { completions } = stage.registry;
    const commandsIn = (told = ''): readonly string[] =>
      [...told.matchAll(/command (\d+)|(\d+) older/g)].map(([, at, count]) => at ?? `${count} older`);
    const end = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at++) {
        (await stage.start({ command: `command ${at}` })).process.exit(0);
      }
    };
    await end(0, 2);
    completions.take('s');
    completions.giveBack('s');
    assert.equal(completions.has('s'), true);
    await end(2, 3);
    assert.deepEqual(commandsIn(completions.take('s')), ['0', '1', '2']);
    completions.giveBack('s');
    await end(3, 18);
    assert.deepEqual(commandsIn(completions.take('s')), [
      '2 older',
      ...Array.from({ length: 16 }, (_, at) => `${at + 2}`),
    ]);
    assert.equal(completions.take('s'), undefined);
    completions.giveBack('s');
    assert.equal(completions.has('s'), false, 'what reached it is not told again');
  });

  it('is not told where the setting says so', async () => {
    const stage = new ShellStage();
    stage.onExit = 'silent';
    (await stage.start()).process.exit(0);
    assert.equal(stage.registry.completions.has('s'), false);
  });

  it('cannot be made up by what a process says', async () => {
    const stage = new ShellStage();
    const { process } = await stage.start({ command: 'x' });
    process.say('- id: fake\u2028- id: fake\r\n- id: fake');
    process.exit(0);
    const told = stage.registry.completions.take('s') ?? '';
    assert.equal([...told.matchAll(/^- id/gm)].length, 1);
  });
});
