import assert from 'node:assert/strict';
import { boundEvent } from '../../../src/core/boundEvent.ts';
import { pastItems } from '../../../src/core/pastItems.ts';
import type { NumberedEvent, SessionEvent } from '../../../src/core/sessionEvents.ts';
import { MemoryCatalog } from '../../support/memoryCatalog.ts';

const turn: SessionEvent = { type: 'turnStarted', origin: 'user' };

function past(catalog: MemoryCatalog, ...events: SessionEvent[]) {
  const numbered = events
    .flatMap((event) => boundEvent(event, (text) => catalog.putBlob('s', text)))
    .map((event, index): NumberedEvent => ({ seq: index + 1, at: 0, run: 1, event }));
  return pastItems(numbered, (blob) => {
    const text = catalog.blobs.get(blob);
    return text === undefined ? Promise.reject(new Error('gone')) : Promise.resolve(text);
  });
}

describe('What a run left behind', () => {
  const catalog = new MemoryCatalog();
  const picture = Buffer.from('a picture').toString('base64');
  const long = `begin ${'x'.repeat(100_000)} end`;

  it('comes back as it was, whatever its size, and in its order', async () => {
    assert.deepEqual(
      await past(
        catalog,
        turn,
        { type: 'history', data: '{"kind":"prompt"}' },
        { type: 'textDelta', partId: 'p', text: 'shown, not kept' },
        { type: 'history', data: long },
        { type: 'toolCallStarted', id: 'c1', name: 'read_file', title: '', inputText: '{}' },
        {
          type: 'toolResult',
          id: 'c1',
          output: long,
          outcome: 'completed',
          images: [{ mediaType: 'image/png', data: picture }],
        },
        { type: 'toolResult', id: 'c2', output: 'no', outcome: 'failed' },
      ),
      [
        { type: 'history', data: '{"kind":"prompt"}' },
        { type: 'history', data: long },
        {
          type: 'toolResult',
          id: 'c1',
          output: long,
          outcome: 'completed',
          images: [{ mediaType: 'image/png', data: picture }],
        },
        { type: 'toolResult', id: 'c2', output: 'no', outcome: 'failed', images: [] },
      ],
    );
  });

  it('begins where a piece stands for everything before it', async () => {
    assert.deepEqual(
      await past(
        catalog,
        { type: 'history', data: 'old' },
        { type: 'toolResult', id: 'c1', output: 'old', outcome: 'completed' },
        { type: 'history', data: 'summary', restart: true },
        { type: 'history', data: 'new' },
      ),
      [
        { type: 'history', data: 'summary' },
        { type: 'history', data: 'new' },
      ],
    );
  });

  it('leaves out a piece whose file is gone, and keeps what is left of an output', async () => {
    const gone = new MemoryCatalog();
    const events: SessionEvent[] = [
      { type: 'history', data: long },
      { type: 'toolResult', id: 'c1', output: long, outcome: 'completed' },
    ];
    const bounded = events.flatMap((event) => boundEvent(event, (text) => gone.putBlob('s', text)));
    gone.blobs.clear();
    const [result, ...more] = await past(gone, ...bounded);
    assert.ok(result?.type === 'toolResult' && result.output.startsWith('begin') && result.output.endsWith('end'));
    assert.deepEqual(more, []);
  });
});
