import assert from 'node:assert/strict';
import { call, say, think } from '../../modelServer/steps.ts';
import { ApiRun, dummyKey, lookTool, seen, writeTool } from './harness.ts';

describe('Claude by API key: turns', () => {
  let run: ApiRun | undefined;
  afterEach(async () => {
    await run?.close();
    run = undefined;
  });

  it('streams thinking, text and calls, makes the calls, and goes on until an answer without any', async () => {
    const written: string[] = [];
    run = await ApiRun.create({
      steps: [
        { reply: [think('I have to look.'), say('Looking.'), call('look', { what: 'a.txt' }, 'toolu_1')] },
        { reply: [call('write', { text: 'seen' }, 'toolu_2')] },
        { reply: [say('Done.')] },
      ],
      tools: [
        lookTool((what) => `contents of ${what}`),
        writeTool((text) => {
          written.push(text);
          return 'written';
        }),
      ],
    });
    run.start();
    await run.turnEnd();
    assert.deepEqual(written, ['seen']);
    console.log(JSON.stringify(seen(run.events), undefined, 1));
    console.log(JSON.stringify(run.server.main.at(-1)?.body, undefined, 1));
    console.log(run.server.main.at(-1)?.headers, dummyKey);
  });
});
