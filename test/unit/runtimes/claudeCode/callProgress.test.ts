import assert from 'node:assert/strict';
import { CallProgress } from '../../../../src/runtimes/claudeCode/callProgress.ts';
import { FakeClock } from './fakes.ts';

function progress(options: { asked: boolean }) {
  const clock = new FakeClock();
  const reports: unknown[] = [];
  const shown: string[] = [];
  const call = new CallProgress({
    clock,
    report: options.asked ? (count, message) => reports.push([clock.now(), count, message]) : undefined,
    show: (text) => shown.push(text),
  });
  return { clock, reports, shown, call };
}

describe('The progress of a call', () => {
  it('is reported every 15 s, so that nobody takes a silent call for dead', async () => {
    const { clock, reports, call } = progress({ asked: true });
    await clock.advance(60_000);
    call.dispose();
    await clock.advance(60_000);
    assert.deepEqual(reports, [
      [15_000, 1, undefined],
      [30_000, 2, undefined],
      [45_000, 3, undefined],
      [60_000, 4, undefined],
    ]);
  });

  it('is reported with the last line, at most once a second', async () => {
    const { clock, reports, call } = progress({ asked: true });
    for (let at = 0; at < 25; at++) {
      call.said(Array.from({ length: at + 1 }, (_, line) => `line ${line}\n`).join(''));
      await clock.advance(100);
    }
    await clock.advance(1000);
    call.dispose();
    assert.deepEqual(reports, [
      [0, 1, 'line 0'],
      [1000, 2, 'line 9'],
      [2000, 3, 'line 19'],
      [3000, 4, 'line 24'],
    ]);
  });

  it('is not reported to a CLI that did not ask, but shown all the same', async () => {
    const { clock, reports, shown, call } = progress({ asked: false });
    call.said('a');
    await clock.advance(60_000);
    assert.deepEqual([reports, shown], [[], ['a']]);
    call.dispose();
  });

  it('shows what is new, in few pieces', async () => {
    const { clock, shown, call } = progress({ asked: true });
    call.said('one ');
    call.said('one two ');
    await clock.advance(100);
    call.said('one two three');
    await clock.advance(100);
    call.said('one two three');
    await clock.advance(100);
    assert.deepEqual(shown, ['one two ', 'three']);
    call.dispose();
  });

  it('leaves to the result what does not go on from what was shown, and what is too long', async () => {
    const { clock, shown, call } = progress({ asked: true });
    call.said('one two');
    await clock.advance(100);
    call.said('… three');
    await clock.advance(100);
    assert.deepEqual(shown, ['one two']);
    call.said(`one two${'x'.repeat(100_000)}`);
    await clock.advance(100);
    call.said(`one two${'x'.repeat(200_000)}`);
    await clock.advance(100);
    assert.equal(shown.join('').length, 65_537);
    call.dispose();
  });
});
