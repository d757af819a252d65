import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ChatFeed } from '../../../src/core/chatFeed.ts';
import { exportSession } from '../../../src/core/exportSession.ts';
import { Redactor } from '../../../src/core/redact.ts';
import type { Session } from '../../../src/core/session.ts';
import { shellTools } from '../../../src/core/tools/shellTools.ts';
import { withoutKeys } from '../../../src/core/tools/withoutKeys.ts';
import { matchLines } from '../../../src/platform/matchLines.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import type { HostMessage } from '../../../src/protocol/messages.ts';
import { createHeadless } from '../../host/headless.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import { call, say, type Step, think } from '../../modelServer/steps.ts';
import { eventually } from '../../support/eventually.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { noOlderMessages } from '../../support/noOlderMessages.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';
import { RealShells } from '../shells/harness.ts';

/** Looks like no key of anybody: only who knows it can find it. */
const canary = `canary${randomBytes(20).toString('hex')}`;

/** Whether the key stands in a text, or in what is left when everything between its pieces is taken out. */
function carries(text: string): boolean {
  return text.includes(canary) || text.replaceAll(/[^a-z0-9]/g, '').includes(canary);
}

/** Every text in a value, one after the other, as pieces of a stream would stand behind one another. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('Claude by API key: the key', () => {
  let folder: ReturnType<typeof makeStoreFolder>;
  let server: ModelServer;
  let window: ReturnType<typeof createHeadless>;
  let shells: RealShells;
  let log: MemoryLog;
  let messages: HostMessage[];
  let feed: ChatFeed;
  let session: Session;

  beforeEach(() => {
    folder = makeStoreFolder();
    shells = new RealShells({ environment: { CANARY_API_KEY: canary } });
    log = new MemoryLog();
    messages = [];
  });
  afterEach(async () => {
    feed.dispose();
    await window.manager.close();
    await shells.dispose();
    await server.close();
    folder.dispose();
  });

  async function begin(steps: readonly Step[]): Promise<void> {
    server = await startModelServer({ steps, strict: true });
    const tools = shellTools({
      registry: shells.registry,
      clock: systemClock,
      defaultTimeoutSeconds: () => 20,
      matchLines,
    });
    window = createHeadless({
      root: folder.root,
      cwd: folder.root,
      command: 'unused',
      env: {},
      log,
      defaultRuntime: 'anthropic',
      anthropic: { url: server.url, key: canary },
      settings: { tools: withoutKeys(tools, [canary]) },
      policy: {
        rules: () => ({ allow: ['run(printenv)', 'run(echo)', 'run(sleep)'], deny: [] }),
        protectedFolders: [],
        home: undefined,
      },
    });
    await window.manager.restore();
    const stage = await window.manager.ensureForeground(() => undefined);
    assert.ok(stage);
    session = stage;
    feed = new ChatFeed({
      clock: systemClock,
      post: (message) => messages.push(structuredClone(message)),
      draftOf: () => '',
      awayOf: () => undefined,
      ...noOlderMessages,
    });
    window.manager.onDidAppend(({ sessionId, ops }) => feed.changed(sessionId, ops));
    feed.show(session.id, session.model.view);
    feed.setVisible(true);
    feed.needSnapshot();
  }

  /** Where the key has been found, of all the places where it must not be. */
  async function found(): Promise<readonly string[]> {
    await session.flush();
    const exported = await Promise.all(
      (['markdown', 'json'] as const).map((format) =>
        exportSession(session.model, format, {
          readBlob: (blob) => window.catalog.readBlob(session.id, blob),
          redactor: new Redactor(),
          now: 0,
          timeText: String,
        }),
      ),
    );
    const places: Record<string, readonly string[]> = {
      'the log': [...log.lines, ...shells.log.lines],
      transcript: [JSON.stringify(session.model.view), textsIn(session.model.view.messages).join('')],
      'the export': exported,
      'messages to the webview': [JSON.stringify(messages), textsIn(messages).join('')],
      arguments: server.requests.map(({ url, body }) => url + JSON.stringify(body) + textsIn(body).join('')),
      'the list of processes': shells.processes().map(({ command }) => command),
    };
    for (const file of filesBelow(folder.root)) {
      places[path.relative(folder.root, file)] = [readFileSync(file, 'latin1')];
    }
    assert.ok(Object.keys(places).some((name) => name.endsWith('.jsonl')) && messages.length > 0);
    return Object.entries(places)
      .filter(([, texts]) => texts.some(carries) || carries(texts.join('')))
      .map(([name]) => name);
  }

  const ended = (state: string): Promise<unknown> =>
    eventually(() => session.model.view.header.state === state && !session.isBusy, `the session is ${state}`, 30_000);

  it('stays out of everything when a service repeats it in what it refuses', async () => {
    const wrong = `invalid x-api-key: ${canary}`;
    await begin([
      {
        reply: [say('Half an ans')],
        fault: { type: 'overloaded_error', message: `${canary} has to wait` },
        chunkChars: 3,
      },
      { status: 429, errorType: 'rate_limit_error', message: `too much by ${canary}`, headers: { 'retry-after': '0' } },
      { status: 401, errorType: 'authentication_error', message: wrong, headers: { 'x-echo': canary } },
    ]);
    await session.send('Say something');
    await ended('error');
    assert.ok(JSON.stringify(session.model.view).includes('[redacted]'));
    assert.deepEqual(await found(), []);
  });

  it('stays out of everything when a command prints it, whole, in pieces or little by little', async () => {
    const bash = (command: string) => call('bash', { command });
    await begin([
      {
        reply: [think('I look at the environment.'), bash('printenv CANARY_API_KEY'), bash('printenv')],
        chunkChars: 5,
      },
      { reply: [bash('printenv CANARY_API_KEY; sleep 1; printenv CANARY_API_KEY')], chunkChars: 1 },
      { reply: [say('There is a key.')], chunkChars: 2 },
    ]);
    await session.send('What is in the environment?');
    await ended('done');
    assert.equal(server.main.length, 3);
    assert.ok(JSON.stringify(server.main.at(-1)?.body).includes('[redacted]'));
    assert.ok(
      server.main.every(({ headers }) => carries(JSON.stringify(headers))),
      'the service gets the key',
    );
    assert.deepEqual(await found(), []);
  });
});
