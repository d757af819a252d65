import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GreenroomError } from '../../../../src/base/errors.ts';
import type { RuntimeEvent } from '../../../../src/core/sessionEvents.ts';
import { DemoStage } from './fakes.ts';

const words = [
  'Show me around.',
  'plan',
  'question',
  'edit',
  'long output',
  'parallel read',
  'markdown',
  'error',
  'hello?',
];

/** What has to hold of every stream that has ended. */
function assertInOrder(events: readonly RuntimeEvent[], turns: number): void {
  const streaming = new Set<string>();
  const started = new Set<string>();
  const settled = new Set<string>();
  let ends = 0;
  for (const event of events) {
    switch (event.type) {
      case 'toolCallStreaming':
        assert.ok(!started.has(event.id) && !settled.has(event.id));
        streaming.add(event.id);
        break;
      case 'toolCallStarted':
        assert.ok(streaming.has(event.id) && !settled.has(event.id));
        started.add(event.id);
        break;
      case 'toolOutput':
        assert.ok(started.has(event.id) && !settled.has(event.id));
        break;
      case 'toolResult':
        assert.ok(!settled.has(event.id) && streaming.has(event.id), 'one result a call');
        assert.ok(started.has(event.id) || event.outcome === 'cancelled');
        settled.add(event.id);
        break;
      case 'usage':
        assert.fail('usage was invented');
        break;
      case 'turnComplete':
      case 'turnCancelled':
        ends += 1;
        assert.deepEqual(
          [...streaming].filter((id) => !settled.has(id)),
          [],
          'a call without a result',
        );
        break;
      default:
    }
  }
  assert.equal(ends, turns);
}

describe('the demo', () => {
  it('says at its start and in its answer that no model is at work', async () => {
    const stage = new DemoStage();
    await stage.play('Show me around.');
    assert.deepEqual(stage.events.slice(0, 3), [
      { type: 'sessionStarted', nativeSessionId: 'demo-s', model: 'no model' },
      {
        type: 'warning',
        code: 'demo',
        message: 'This is a demo: no model is at work, and what it says is scripted. Its tools are real.',
      },
      { type: 'stepStarted' },
    ]);
    assert.match(stage.said, /This is a demo without a model/);
  });

  it('tours: reads, asks, edits what was answered, runs a command, sums up', async () => {
    const stage = new DemoStage();
    await stage.play('Show me around.');
    assert.deepEqual(stage.gate.calls, [
      'judge Read',
      'askQuestions',
      'judge Edit',
      'ask Edit',
      'judge Bash',
      'ask Bash',
    ]);
    assert.deepEqual(stage.workshop.acts, [
      'Read guests.txt',
      'Edit guests.txt',
      'Bash sort guests.txt | tee sorted.txt',
    ]);
    assert.equal(stage.workshop.files.get('guests.txt'), 'Grace Hopper\nDorothy Vaughan\nAlan Turing\nAda Lovelace\n');
    const edit = stage.events.find((event) => event.type === 'toolResult' && event.edit !== undefined);
    assert.deepEqual(edit?.type === 'toolResult' && edit.edit, {
      path: '/scratch/guests.txt',
      before: 'Grace Hopper\nDorothy Vaughan\nAlan Turing\n',
      hunks: [
        { oldStart: 1, newStart: 1, lines: [' Grace Hopper', ' Dorothy Vaughan', ' Alan Turing', '+Ada Lovelace'] },
      ],
    });
    assert.deepEqual(stage.ends, [
      {
        type: 'turnComplete',
        stopReason: 'endTurn',
        durationMs: (stage.ends[0] as { durationMs: number }).durationMs,
        totalTokens: 0,
        turnCount: 5,
        toolCallCount: 4,
      },
    ]);
    assertInOrder(stage.events, 1);
  });

  it('takes less than a minute for its tour', async () => {
    const stage = new DemoStage();
    await stage.play('Show me around.');
    assert.ok(stage.clock.monotonic() < 50_000, String(stage.clock.monotonic()));
  });

  it('streams the arguments of each call before it starts', async () => {
    const stage = new DemoStage();
    await stage.play('edit');
    const [started] = stage.events.filter((event) => event.type === 'toolCallStarted' && event.name === 'Edit');
    assert.ok(started?.type === 'toolCallStarted');
    const streamed = stage.events
      .filter((event) => event.type === 'toolCallStreaming' && event.id === started.id)
      .map((event) => (event.type === 'toolCallStreaming' ? event.text : ''));
    assert.equal(streamed.join(''), started.inputText);
    assert.ok(streamed.length > 3);
    assert.deepEqual(JSON.parse(started.inputText), {
      file_path: '/scratch/guests.txt',
      old_string: 'Alan Turing\n',
      new_string: 'Alan Turing\nAda Lovelace\n',
    });
  });

  it('judges every call of a tool before it acts, in every script and mode', async () => {
    for (const mode of ['ask', 'plan'] as const) {
      for (const word of words) {
        const stage = new DemoStage();
        stage.gate.mode = mode;
        await stage.play(word);
        const judged = stage.gate.judged.map(({ toolName, toolCallId }) => `${toolName} ${toolCallId}`);
        assert.equal(new Set(judged).size, judged.length);
        assert.ok(stage.workshop.acts.length <= judged.length, word);
        const asked = stage.gate.calls.filter((call) => call === 'ask Edit' || call === 'ask Bash').length;
        const changed = stage.workshop.acts.filter((act) => !act.startsWith('Read')).length;
        assert.ok(changed <= asked, `${word} changed ${changed} and asked ${asked}`);
        assertInOrder(stage.events, 1);
      }
    }
  });

  it('goes another way when an edit and a command are rejected', async () => {
    const stage = new DemoStage();
    stage.gate.edits.push('The user rejected this call: not *her*', 'no');
    await stage.play('tour');
    assert.deepEqual(stage.workshop.acts, ['Read guests.txt']);
    assert.match(stage.said, /That was not approved, so the file stays as it is/);
    assert.match(stage.said, /> The user rejected this call: not \\\*her\\\*/);
    assert.match(stage.said, /so nothing was run/);
    assert.match(stage.said, /The file was not changed/);
    assert.deepEqual(
      stage.results.map((result) => result.split(':')[0]),
      ['Read completed', 'AskUserQuestion completed', 'Edit failed', 'Bash failed'],
    );
  });

  it('does what was chosen, also what the person typed', async () => {
    const stage = new DemoStage();
    stage.gate.answers = { 'Who else should be on the list?': 'My\nFriend' };
    await stage.play('tour');
    assert.match(stage.workshop.files.get('guests.txt') ?? '', /Alan Turing\nMy Friend\n$/);
  });

  it('leaves the list alone when the question is skipped', async () => {
    const stage = new DemoStage();
    stage.gate.answers = undefined;
    await stage.play('tour');
    assert.deepEqual(stage.gate.calls.includes('judge Edit'), false);
    assert.match(stage.said, /You chose nobody/);
    assert.equal(stage.workshop.commands.length, 1);
  });

  it('turns what plan mode refuses into a plan, and acts once that is approved', async () => {
    const stage = new DemoStage();
    stage.gate.mode = 'plan';
    await stage.play('tour');
    assert.deepEqual(stage.gate.calls, [
      'judge Read',
      'askQuestions',
      'judge Edit',
      'approvePlan ## Plan',
      'judge Edit',
      'ask Edit',
      'judge Bash',
      'ask Bash',
    ]);
    assert.match(stage.workshop.files.get('guests.txt') ?? '', /Ada Lovelace/);
  });

  it('changes nothing when its plans are rejected', async () => {
    const stage = new DemoStage();
    stage.gate.mode = 'plan';
    stage.gate.plans.push('too much', 'still too much');
    await stage.play('plan');
    assert.deepEqual(stage.gate.calls.slice(2), ['approvePlan ## Plan for the evening', 'approvePlan ## Second plan']);
    assert.deepEqual(stage.workshop.acts, ['Read guests.txt', 'Read program.md']);
    assert.match(stage.said, /nothing is changed/);
  });

  it('reads three files side by side', async () => {
    const stage = new DemoStage();
    await stage.play('parallel read');
    const kinds = stage.events
      .filter(({ type }) => type === 'toolCallStarted' || type === 'toolResult')
      .map(({ type }) => type);
    assert.deepEqual(kinds, [...Array<string>(3).fill('toolCallStarted'), ...Array<string>(3).fill('toolResult')]);
  });

  it('reads again where the file has changed before the edit', async () => {
    const stage = new DemoStage();
    stage.gate.onAsk = () => {
      stage.gate.onAsk = () => undefined;
      stage.workshop.files.set('guests.txt', 'Somebody Else\n');
    };
    await stage.play('edit');
    assert.deepEqual(stage.workshop.acts, ['Read guests.txt', 'Edit guests.txt', 'Read guests.txt', 'Edit guests.txt']);
    assert.equal(stage.workshop.files.get('guests.txt'), 'Somebody Else\nAda Lovelace\n');
  });

  it('shows a failed call, an overloaded service and a failed turn', async () => {
    const stage = new DemoStage();
    await stage.play('error');
    assert.deepEqual(stage.results, ['Read failed: There is no file /scratch/missing.txt.']);
    assert.deepEqual(
      stage.events.flatMap((event) => (event.type === 'retry' ? [[event.attempt, event.maxAttempts]] : [])),
      [
        [1, 2],
        [2, 2],
      ],
    );
    const [end] = stage.ends;
    assert.equal(end?.type === 'turnComplete' && end.stopReason, 'error');
    assert.equal(end?.type === 'turnComplete' && end.error?.code, 'demoFailure');
  });

  it('says with its exit code that a command failed', async () => {
    const stage = new DemoStage();
    stage.workshop.exitCode = 3;
    await stage.play('tour');
    assert.match(stage.said, /The command did not run to its end/);
    const outputs = stage.events.map((event) => (event.type === 'toolResult' ? event.output : ''));
    assert.ok(outputs.includes('output of the command\n(Exit code 3)'));
  });

  it('lists what it can show when it does not know the words', async () => {
    const stage = new DemoStage();
    await stage.play('Please fix my login page');
    assert.match(stage.said, /I am a demo without a model/);
    for (const word of ['plan', 'question', 'edit', 'long output', 'parallel read', 'markdown', 'error', 'tour']) {
      assert.ok(stage.said.includes(`\`${word}\``), word);
    }
    assert.deepEqual(stage.gate.calls, []);
  });

  it('takes a word only where it stands alone', async () => {
    const stage = new DemoStage();
    await stage.play('an airplane is unexplained');
    assert.match(stage.said, /I only know a few words/);
  });

  it('refuses what cannot be judged', async () => {
    const stage = new DemoStage();
    stage.gate.judgeError = new Error('the disk is gone');
    await stage.play('edit');
    assert.deepEqual(stage.workshop.acts, []);
    assert.deepEqual(stage.results.slice(0, 1), ['Read failed: the disk is gone']);
  });

  it('ends the turn in an error when its folder cannot be made, and serves the next', async () => {
    const stage = new DemoStage();
    const prepare = stage.workshop.prepare.bind(stage.workshop);
    stage.workshop.prepare = () =>
      Promise.reject(new GreenroomError({ code: 'demoFolder', message: 'no room', actions: [] }));
    await stage.play('markdown');
    const [end] = stage.ends;
    assert.equal(end?.type === 'turnComplete' && end.error?.message, 'no room');
    stage.workshop.prepare = prepare;
    assert.equal(stage.runtime.send('markdown'), true);
    await stage.untilEnds(2);
    assert.equal(stage.ends[1]?.type, 'turnComplete');
  });

  it('says that its folder was repaired', async () => {
    const stage = new DemoStage();
    stage.workshop.prepared = 'repaired';
    await stage.play('markdown');
    assert.ok(stage.events.some((event) => event.type === 'warning' && event.code === 'demoRepaired'));
  });

  it('ends the turn when a request is taken back', async () => {
    const stage = new DemoStage();
    stage.gate.ask = () => Promise.resolve({ kind: 'withdrawn' });
    await stage.play('edit');
    assert.equal(stage.ends[0]?.type, 'turnCancelled');
    assert.equal(stage.results.at(-1), 'Edit cancelled: ');
  });

  it('serves turns one after the other, and what comes meanwhile in its order', async () => {
    const stage = new DemoStage();
    void stage.start('markdown');
    assert.equal(stage.runtime.send('parallel read'), true);
    assert.equal(stage.runtime.send('hello'), true);
    await stage.untilEnds(3);
    assert.equal(stage.runtime.status, 'running');
    assertInOrder(stage.events, 3);
    const ids = stage.events.flatMap((event) => (event.type === 'toolCallStarted' ? [event.id] : []));
    assert.equal(new Set(ids).size, 3);
    await stage.runtime.stop();
    assert.deepEqual(await stage.ended, { nativeSessionId: 'demo-s', aborted: false, rateLimitExit: false });
    assert.deepEqual(stage.events.at(-1), { type: 'done', nativeSessionId: 'demo-s' });
  });

  it('begins at once what a listener sends at the end of a turn', async () => {
    const stage = new DemoStage();
    stage.onEvent = ({ type }) => {
      if (type === 'turnComplete' && stage.ends.length === 1) assert.equal(stage.runtime.send('markdown'), true);
    };
    await stage.play('hello');
    await stage.untilEnds(2);
    assertInOrder(stage.events, 2);
    await stage.runtime.stop();
    assert.equal(stage.clock.timers, 0);
  });

  it('ends a run that has been idle, and then takes no more', async () => {
    const stage = new DemoStage();
    void stage.start('hello', { idleSeconds: 60 });
    await stage.untilEnds(1);
    await stage.clock.run(60_100, 1_000);
    assert.deepEqual([stage.runtime.status, stage.runtime.send('more')], ['completed', false]);
    assert.equal(stage.clock.timers, 0);
  });

  it('never ends an idle run where it is told so', async () => {
    const stage = new DemoStage();
    void stage.start('hello', { idleSeconds: 0 });
    await stage.untilEnds(1);
    assert.equal(stage.clock.timers, 0);
    assert.equal(stage.runtime.send('hello'), true);
    await stage.runtime.stop();
  });

  it('keeps running turns apart from a listener that fails', async () => {
    const stage = new DemoStage();
    stage.onEvent = () => {
      throw new Error('a bad listener');
    };
    await stage.play('hello');
    assert.equal(stage.ends.length, 1);
    assert.ok(stage.log.lines.some((line) => line.includes('a bad listener')));
    await stage.runtime.stop();
  });

  it('says that there is no model to choose', async () => {
    const stage = new DemoStage();
    void stage.start('hello');
    assert.equal(await stage.runtime.setModel('huge'), true);
    assert.ok(stage.events.some((event) => event.type === 'warning' && event.code === 'demoModel'));
    await stage.runtime.stop();
  });

  it('drives one run', async () => {
    const stage = new DemoStage();
    void stage.start('hello');
    await stage.start('again');
    const [end] = stage.ends;
    assert.equal(end?.type === 'turnComplete' && end.stopReason, 'error');
    await stage.runtime.stop();
  });

  it('can be stopped before it starts', async () => {
    const stage = new DemoStage();
    await stage.runtime.stop();
    await stage.start('hello');
    assert.deepEqual(stage.events, [{ type: 'turnCancelled', durationMs: 0 }]);
    assert.deepEqual([stage.runtime.status, stage.runtime.send('x')], ['completed', false]);
  });

  it('cancels what waits when it is stopped', async () => {
    const stage = new DemoStage();
    void stage.start('tour');
    stage.runtime.send('plan');
    stage.runtime.send('edit');
    await stage.clock.run(500);
    await stage.runtime.stop();
    assertInOrder(stage.events, 3);
    assert.ok(stage.ends.every(({ type }) => type === 'turnCancelled'));
  });

  it('can be interrupted or stopped at any point: one end, nothing after it, nothing left alive', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...words),
        fc.constantFrom('ask' as const, 'plan' as const),
        fc.boolean(),
        fc.nat({ max: 40_000 }),
        async (word, mode, stops, afterMs) => {
          const stage = new DemoStage();
          stage.gate.mode = mode;
          void stage.start(word);
          for (let passed = 0; passed < afterMs && stage.ends.length === 0; passed += 50) {
            await stage.clock.run(50, 50);
          }
          await (stops ? stage.runtime.stop() : stage.runtime.interrupt());
          assert.deepEqual([stage.workshop.alive, stage.gate.open], [0, 0]);
          assertInOrder(stage.events, 1);
          const count = stage.events.length;
          const files = JSON.stringify([...stage.workshop.files]);
          await stage.clock.run(5_000, 500);
          const later = stage.events.slice(count).filter(({ type }) => type !== 'done');
          assert.deepEqual(later, []);
          assert.equal(JSON.stringify([...stage.workshop.files]), files);
          if (stops) {
            assert.equal(stage.runtime.status, 'completed');
          } else {
            assert.equal(stage.runtime.send('hello'), true);
            await stage.untilEnds(2);
            assert.equal(stage.ends[1]?.type, 'turnComplete');
            await stage.runtime.stop();
          }
          assert.equal(stage.clock.timers, 0);
        },
      ),
      { numRuns: process.env['GREENROOM_LONG'] === '1' ? 400 : 60 },
    );
  });

  it('can be interrupted from within any of its events', async function () {
    this.timeout(60_000);
    for (const word of ['tour', 'parallel read']) {
      const whole = new DemoStage();
      await whole.play(word);
      await whole.runtime.stop();
      const total = whole.events.length;
      for (let at = 1; at < total; at += 7) {
        const stage = new DemoStage();
        let seen = 0;
        stage.onEvent = () => {
          seen += 1;
          if (seen === at) void stage.runtime.interrupt();
        };
        await stage.play(word);
        assertInOrder(stage.events, 1);
        assert.deepEqual([stage.workshop.alive, stage.gate.open], [0, 0]);
        await stage.runtime.stop();
      }
    }
  });

  it('runs several times at once', async () => {
    const stages = words.map(() => new DemoStage());
    await Promise.all(stages.map((stage, index) => stage.play(words[index] ?? '')));
    for (const stage of stages) {
      assertInOrder(stage.events, 1);
      await stage.runtime.stop();
    }
  });
});
