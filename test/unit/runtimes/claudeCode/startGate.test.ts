import assert from 'node:assert/strict';
import { StartGate } from '../../../../src/runtimes/claudeCode/startGate.ts';
import { type Bench, createBench, FakeClock, init, settle, success } from './fakes.ts';

/** Starts that ask for a place in turn; what happens to each is noted. */
function setUp() {
  const clock = new FakeClock();
  const gate = new StartGate(clock);
  const notes: string[] = [];
  const start = (name: string) => {
    const leaving = new AbortController();
    const place = gate.enter(leaving.signal, () => notes.push(`${name} waits`));
    void place.then((admitted) => notes.push(`${name} ${admitted === undefined ? 'left' : 'starts'}`));
    return {
      place,
      leave: () => leaving.abort(),
      through: async () => (await place)?.dispose(),
    };
  };
  return { clock, gate, notes, start };
}

describe('the gate of starts', () => {
  it('lets two start, and the others one by one in the order in which they came', async () => {
    const { notes, start } = setUp();
    const starts = ['a', 'b', 'c', 'd', 'e'].map(start);
    await settle();
    assert.deepEqual(notes.splice(0), ['c waits', 'd waits', 'e waits', 'a starts', 'b starts']);
    await starts[1]?.through();
    await settle();
    assert.deepEqual(notes.splice(0), ['c starts']);
    await starts[0]?.through();
    await starts[2]?.through();
    await settle();
    assert.deepEqual(notes.splice(0), ['d starts', 'e starts']);
  });

  it('lets nobody in for one that is through twice', async () => {
    const { notes, start } = setUp();
    const starts = ['a', 'b', 'c', 'd'].map(start);
    await starts[0]?.through();
    await starts[0]?.through();
    await settle();
    assert.deepEqual(
      notes.filter((note) => note.endsWith('starts')),
      ['a starts', 'b starts', 'c starts'],
    );
  });

  it('goes on without one that leaves, whether it waits or has just been let in', async () => {
    const { notes, start } = setUp();
    const starts = ['a', 'b', 'c', 'd', 'e'].map(start);
    await settle();
    notes.splice(0);
    starts[2]?.leave();
    await settle();
    assert.deepEqual(notes.splice(0), ['c left']);
    const place = await starts[0]?.place;
    place?.dispose();
    starts[3]?.leave();
    await settle();
    assert.deepEqual(notes.splice(0), ['d left', 'e starts']);
  });

  it('lets nobody in who has left before', async () => {
    const { gate } = setUp();
    assert.equal(await gate.enter(AbortSignal.abort(), () => undefined), undefined);
  });

  it('does not let a start that hangs hold up the others for long', async () => {
    const { clock, notes, start } = setUp();
    const starts = ['a', 'b', 'c', 'd', 'e', 'f'].map(start);
    await settle();
    notes.splice(0);
    await clock.advance(4_999);
    assert.deepEqual(notes.splice(0), []);
    await clock.advance(1);
    assert.deepEqual(notes.splice(0), ['c starts', 'd starts']);
    await starts[0]?.through();
    await settle();
    assert.deepEqual(notes.splice(0), []);
    await clock.advance(5_000);
    assert.deepEqual(notes.splice(0), ['e starts', 'f starts']);
  });
});

describe('Several runs of Claude Code', () => {
  /** Runs of one kind, started in order. */
  async function started(count: number, polite: boolean): Promise<readonly Bench[]> {
    const benches: Bench[] = [];
    for (let index = 0; index < count; index++) {
      const first = benches[0];
      const bench = first === undefined ? await createBench({ polite }) : await first.another();
      benches.push(bench);
      await bench.start();
    }
    return benches;
  }
  const statuses = (bench: Bench | undefined): readonly string[] =>
    bench?.events.flatMap((event) => (event.type === 'status' ? event.text : [])) ?? [];

  it('start two at a time, and those that wait say so', async () => {
    const benches = await started(4, false);
    const { clis } = benches[0] as Bench;
    assert.equal(clis.length, 2);
    assert.deepEqual(benches.map(statuses), [
      [],
      [],
      ['Waiting for other agents to start…'],
      ['Waiting for other agents to start…'],
    ]);
    clis[0]?.answer(String(clis[0].requests('initialize')[0]?.['request_id']));
    await settle();
    assert.equal(clis.length, 3);
    clis[1]?.exit(1);
    await settle();
    assert.equal(clis.length, 4);
    assert.deepEqual(statuses(benches[3]), ['Waiting for other agents to start…', 'Starting…']);
  });

  it('are not taken for silent while they wait', async () => {
    const benches = await started(3, false);
    const [first, , third] = benches as [Bench, Bench, Bench];
    // Two starts that hang let the third go on after a while.
    await first.clock.advance(5_000);
    assert.equal(first.clis.length, 3);
    first.clis[2]?.answer(String(first.clis[2].requests('initialize')[0]?.['request_id']));
    first.clis[2]?.say(init);
    await first.clock.advance(299_000);
    assert.deepEqual(third.ends(), []);
  });

  it('end at once when they are cancelled or stopped while they wait, and no process is started for them', async () => {
    const benches = await started(5, false);
    const [first, , cancelled, stopped, last] = benches as [Bench, Bench, Bench, Bench, Bench];
    await cancelled.runtime.interrupt();
    await stopped.runtime.stop();
    await settle();
    assert.deepEqual(
      [cancelled, stopped].map((bench) => [bench.runtime.status, bench.ends().map(({ type }) => type)]),
      [
        ['completed', ['turnCancelled']],
        ['completed', ['turnCancelled']],
      ],
    );
    assert.equal(cancelled.runtime.send('more'), false);
    first.clis[0]?.exit(0);
    first.clis[1]?.exit(0);
    await settle();
    assert.deepEqual([first.clis.length, statuses(last).at(-1)], [3, 'Starting…']);
  });

  it('give their place back when no process could be started', async () => {
    const broken = await createBench({ launch: () => Promise.reject(new Error('no more processes')) });
    for (let index = 0; index < 5; index++) {
      const bench = index === 0 ? broken : await broken.another();
      await bench.start();
      assert.deepEqual([bench.runtime.status, statuses(bench)], ['failed', []]);
    }
  });
});

describe('A run that is cancelled before its process exists', () => {
  it('ends, so that the next turn begins another', async () => {
    const bench = await createBench();
    const done = bench.runtime.start(bench.context, (event) => bench.events.push(event));
    await bench.runtime.interrupt();
    assert.equal(bench.runtime.send('next'), false);
    assert.deepEqual([(await done).error, bench.clis.length], [undefined, 0]);
    assert.deepEqual(
      bench.ends().map(({ type }) => type),
      ['turnCancelled'],
    );
    const next = await bench.another();
    await next.start();
    bench.cli().say(init, success);
    await settle();
    assert.deepEqual(
      next.ends().map(({ type }) => type),
      ['turnComplete'],
    );
  });
});
