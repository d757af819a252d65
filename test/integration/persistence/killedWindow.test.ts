import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { asRecord, parseJson } from '../../../src/base/json.ts';
import { reduceAll } from '../../../src/core/sessionReducer.ts';
import type { Message } from '../../../src/protocol/view.ts';
import { FaultyIo } from '../../support/faultyIo.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';
import { openWindow, textsOf } from '../../support/storeWindow.ts';
import { answerOf } from './sessionWords.ts';

const rounds = process.env['GREENROOM_LONG'] === '1' ? 1000 : 20;
/** The same session goes on so often; then another store begins, so that loading it stays quick. */
const roundsPerStore = 20;
const writer = fileURLToPath(import.meta.resolve('./windowWriter.ts'));

interface Acknowledged {
  readonly session: string;
  readonly kind: string;
  readonly turn: number;
}

/** Lets a window work until it has acknowledged so much, kills it, and returns what it acknowledged. */
async function workAndKill(root: string, count: number, lateMs: number): Promise<readonly Acknowledged[]> {
  const child = spawn(process.execPath, [writer, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
  const said: Acknowledged[] = [];
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const { session, kind, turn } = asRecord(parseJson(line));
    if (typeof session === 'string' && typeof kind === 'string' && typeof turn === 'number') {
      said.push({ session, kind, turn });
    }
    lines += 1;
    if (lines === count) {
      setTimeout(() => child.kill('SIGKILL'), lateMs);
    }
  }
  assert.equal(await exited, 'SIGKILL');
  return said;
}

function assertKept(messages: readonly Message[], { kind, turn }: Acknowledged): void {
  const at = messages.findIndex(
    ({ role, parts: [part] }) => role === 'user' && part?.type === 'text' && part.text === `message ${turn}`,
  );
  assert.ok(at >= 0, `message ${turn} is lost`);
  const parts = (messages[at + 1]?.parts ?? []).concat(
    messages[at + 2]?.role === 'assistant' ? (messages[at + 2]?.parts ?? []) : [],
  );
  if (kind === 'decided' || (kind === 'ended' && turn % 2 === 0)) {
    const call = parts.find((part) => part.type === 'toolCall');
    assert.equal(call?.type === 'toolCall' && call.decision, 'approved by you', `the decision of turn ${turn} is lost`);
  }
  if (kind === 'ended') {
    assert.equal(
      parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
      answerOf(turn),
      `the answer of turn ${turn} is not complete`,
    );
  }
}

describe('a window that is killed', () => {
  it(`has everything that it acknowledged, ${rounds} times, and marks the turn that was cut off`, async function () {
    this.timeout(rounds * 6000);
    for (let done = 0; done < rounds; done += roundsPerStore) {
      const folder = makeStoreFolder();
      try {
        const said: Acknowledged[] = [];
        for (let round = 0; round < roundsPerStore; round++) {
          said.push(...(await workAndKill(folder.root, 1 + Math.floor(Math.random() * 12), Math.random() * 60)));
        }
        const window = openWindow(folder.root);
        await window.manager.restore();
        assert.deepEqual(await window.manager.refreshStored(), []);
        for (const id of new Set(said.map(({ session }) => session))) {
          const session = await window.manager.get(id);
          const messages = await window.messagesOf(session);
          for (const acknowledged of said.filter((one) => one.session === id)) {
            assertKept(messages, acknowledged);
          }
          assert.equal(session.model.turn, undefined);
          assert.ok(messages.length < 200 || session.model.view.from > 0, 'it was not opened from its end');
          assert.doesNotMatch(JSON.stringify(messages), /damaged|cannot be read/);
          await session.flush();
          const { identity, events } = await window.store.load(id);
          assert.deepEqual(messages, reduceAll(identity, '', events).view.messages, 'opened otherwise than it is');
        }
        await window.manager.close();
        assert.deepEqual(fs.readdirSync(path.join(folder.root, 'locks')), []);
      } finally {
        folder.dispose();
      }
    }
  });
});

describe('a session whose file was cut', () => {
  it('anywhere in its last records keeps everything before, goes on, and loses nothing after', async () => {
    const folder = makeStoreFolder();
    try {
      const first = openWindow(folder.root);
      await first.manager.restore();
      const session = await first.stage();
      for (const text of ['one', 'two']) {
        const run = await first.begin(session, text);
        run.emit({ type: 'textDelta', partId: 'p', text: `answer to ${text}` });
        run.endTurn();
        run.end();
      }
      await first.manager.close();
      const file = path.join(folder.root, 'sessions', `${session.id}.jsonl`);
      const whole = fs.readFileSync(file);
      const kept = whole.lastIndexOf('"two"', whole.length, 'latin1');
      const from = whole.lastIndexOf('\n', kept) + 1;
      const step = process.env['GREENROOM_LONG'] === '1' ? 1 : 9;
      for (let end = from; end < whole.length; end += step) {
        fs.writeFileSync(file, whole.subarray(0, end));
        const cut = openWindow(folder.root);
        await cut.manager.restore();
        const opened = await cut.manager.open(session.id);
        assert.deepEqual(textsOf(opened).slice(0, 2), ['user: one', 'assistant: answer to one'], `cut at ${end}`);
        (await cut.begin(opened, 'three')).endTurn();
        await cut.manager.close();
        const next = openWindow(folder.root);
        await next.manager.restore();
        const again = textsOf(await next.manager.open(session.id));
        assert.deepEqual([again[0], again.at(-1)], ['user: one', 'user: three'], `cut at ${end}`);
        await next.manager.close();
      }
    } finally {
      folder.dispose();
    }
  }).timeout(120_000);
});

describe('a window whose disk takes nothing', () => {
  for (const [code, words] of [
    ['ENOSPC', /the disk is full/],
    ['EROFS', /the disk is read-only/],
  ] as const) {
    it(`says so (${code}), acknowledges nothing, and saves all of it later`, async () => {
      const folder = makeStoreFolder();
      const io = new FaultyIo();
      const window = openWindow(folder.root, io);
      try {
        await window.manager.restore();
        const session = await window.stage();
        (await window.begin(session, 'one')).endTurn();
        io.break('write', code, 10);
        await assert.rejects(session.send('two'), { code: 'saveFailed' });
        window.kind.runs[0]?.emit({ type: 'textDelta', partId: 'p', text: 'said meanwhile' });
        assert.match(window.saveTroubles.at(-1)?.message ?? '', words);
        assert.ok(textsOf(session).includes('user: two'));
        io.repair();
        await session.flush();
        assert.equal(window.saveTroubles.at(-1), undefined);
        await window.manager.close();
        const next = openWindow(folder.root);
        await next.manager.restore();
        assert.ok(textsOf(await next.stage()).includes('user: two'));
        await next.manager.close();
      } finally {
        io.repair();
        await window.manager.close();
        folder.dispose();
      }
    });
  }
});
