import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { lastSeqOf } from '../../../src/core/sessionEvents.ts';
import { identity, sessionId, StoreBench } from '../../support/storeBench.ts';
import { wordsOf } from './sessionWords.ts';

const rounds = process.env['GREENROOM_LONG'] === '1' ? 1000 : 20;
/** The writer goes on with the same session so often; then another begins, so that reading it stays quick. */
const roundsPerSession = 20;
const writer = fileURLToPath(import.meta.resolve('./sessionWriter.ts'));

/** Lets a process write until it has said so many times that something is safe, kills it, and returns the last it said. */
async function writeAndKill(root: string, times: number, lateMs: number): Promise<number> {
  const child = spawn(process.execPath, [writer, root, sessionId], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
  let safe = -1;
  let said = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    safe = Number(line);
    said += 1;
    if (said === times) {
      setTimeout(() => child.kill('SIGKILL'), lateMs);
    }
  }
  assert.equal(await exited, 'SIGKILL');
  return safe;
}

async function killAgainAndAgain(times: number): Promise<void> {
  const bench = new StoreBench();
  try {
    await (await bench.store().create(identity)).close();
    for (let round = 0; round < times; round++) {
      const safe = await writeAndKill(bench.root, 1 + Math.floor(Math.random() * 40), Math.random() * 8);
      const { events, damage } = await bench.store().load(sessionId);
      const last = events.map(lastSeqOf).at(-1) ?? 0;
      assert.ok(last >= safe, `round ${round}: ${safe} was safe, ${last} is there`);
      assert.ok(damage === undefined || /not completely written/.test(damage), damage);
      const expected = Array.from({ length: last }, (_, index) => wordsOf(index + 1)).join('');
      assert.equal(events.map(({ event }) => ('text' in event ? event.text : '')).join(''), expected);
      assert.equal((await bench.store().list()).sessions.length, 1);
    }
  } finally {
    await bench.dispose();
  }
}

describe('a session whose writer is killed', () => {
  it(`has everything that was said to be safe, ${rounds} times`, async function () {
    this.timeout(rounds * 5000);
    for (let done = 0; done < rounds; done += roundsPerSession) {
      await killAgainAndAgain(roundsPerSession);
    }
  });
});
