import assert from 'node:assert/strict';
import { ReadPacer } from '../../../src/platform/readPacer.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

class Source {
  isPaused = false;
  pauses = 0;

  pause(): void {
    this.isPaused = true;
    this.pauses += 1;
  }

  resume(): void {
    this.isPaused = false;
  }
}

const immediately = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the pace of reading', () => {
  it('is none for what says little', async () => {
    const pacer = new ReadPacer();
    const source = new Source();
    const paced = pacer.source(source);
    for (let at = 0; at < 1000; at++) {
      paced.took(4096);
      await immediately();
    }
    assert.equal(source.pauses, 0);
  });

  it('lets one that floods go on after every turn of the event loop', async () => {
    const pacer = new ReadPacer();
    const source = new Source();
    const paced = pacer.source(source);
    for (let turn = 0; turn < 5; turn++) {
      for (let at = 0; at < 16; at++) {
        assert.equal(source.isPaused, false);
        paced.took(64 * kibibyte);
      }
      assert.equal(source.isPaused, true);
      await immediately();
      await immediately();
      assert.equal(source.isPaused, false);
    }
  });

  it('gives many that flood a small share each, and lets them wait for the next tick', async () => {
    const pacer = new ReadPacer();
    const sources = Array.from({ length: 8 }, () => new Source());
    const paced = sources.map((source) => pacer.source(source));
    paced.forEach((one) => one.took(mebibyte));
    await immediately();
    await immediately();
    assert.ok(sources.every(({ isPaused }) => !isPaused));
    paced.forEach((one) => one.took(64 * kibibyte));
    assert.ok(
      sources.every(({ isPaused }) => isPaused),
      'after 64 KiB each',
    );
    await immediately();
    assert.ok(
      sources.every(({ isPaused }) => isPaused),
      'not at once',
    );
    await later(10);
    assert.ok(sources.every(({ isPaused }) => !isPaused));
  });

  it('forgets a stream that has ended', async () => {
    const pacer = new ReadPacer();
    const source = new Source();
    const paced = pacer.source(source);
    paced.took(2 * mebibyte);
    paced.end();
    await immediately();
    await immediately();
    assert.equal(source.isPaused, true, 'nobody touches it any more');
  });
});
