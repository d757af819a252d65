import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseModelState } from '../../../src/core/parseModelState.ts';
import { resumeModel } from '../../../src/core/resumedModel.ts';
import { stateOf } from '../../../src/core/stateOfModel.ts';
import { createSessionModel, isQuiet, reduce, reduceAll } from '../../../src/core/sessionReducer.ts';
import { longStreams, number } from '../../support/storedEvents.ts';

const identity = { id: '00000000-0000-4000-8000-000000000001', runtime: 'fake', cwd: '/w', createdAt: 1_000 };
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a model that is resumed', () => {
  it('comes to the same as one that was never left, wherever it was left', () => {
    fc.assert(
      fc.property(longStreams, fc.nat(), (stream, choice) => {
        const events = number(stream);
        const quiet = [0];
        const model = createSessionModel(identity, 'Fake');
        const states = [stateOf(model)].map(json);
        for (const event of events) {
          reduce(model, event);
          if (isQuiet(model)) {
            quiet.push(event.seq);
            states.push(json(stateOf(model)));
          }
        }
        const index = choice % quiet.length;
        const state = parseModelState(states[index]);
        assert.ok(state, JSON.stringify(states[index]));
        const resumed = resumeModel(identity, 'Fake', state);
        const { from } = resumed.view;
        for (const event of events.slice(quiet[index])) {
          reduce(resumed, event);
        }
        const { messages } = model.view;
        assert.deepEqual(resumed, { ...model, view: { ...model.view, from, messages: messages.slice(from) } });
      }),
      { numRuns: 400 },
    );
  });

  it('has all messages that can no longer change behind it', () => {
    fc.assert(
      fc.property(longStreams, (stream) => {
        const events = number(stream);
        const seen: { readonly total: number; readonly text: string }[] = [];
        const model = createSessionModel(identity, 'Fake');
        for (const event of events) {
          reduce(model, event);
          if (isQuiet(model)) {
            seen.push({ total: model.view.total, text: JSON.stringify(model.view.messages.slice(-3)) });
          }
        }
        for (const { total, text } of seen) {
          assert.equal(JSON.stringify(model.view.messages.slice(0, total).slice(-3)), text);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('can be left within a turn, between its steps', () => {
    const model = reduceAll(
      identity,
      'Fake',
      number([
        { type: 'userMessage', messageId: 'm', text: 'go' },
        { type: 'turnStarted', origin: 'user' },
        { type: 'stepStarted' },
        { type: 'textDelta', partId: 'p', text: 'Looking' },
        { type: 'toolCallStarted', id: 't', name: 'Read', title: 'a', inputText: '{}' },
      ]),
    );
    assert.equal(isQuiet(model), false);
    reduce(model, { seq: 6, at: 1, run: 1, event: { type: 'stepStarted' } });
    assert.equal(isQuiet(model), false, 'a call is open');
    reduce(model, { seq: 7, at: 1, run: 1, event: { type: 'toolResult', id: 't', output: '', outcome: 'completed' } });
    reduce(model, { seq: 8, at: 1, run: 1, event: { type: 'stepStarted' } });
    assert.equal(isQuiet(model), true);
    assert.equal(model.turn?.startedAt, 1_700_000_000_002);
  });

  it('is not made of what has not the form of a state', () => {
    const state = stateOf(createSessionModel(identity, 'Fake'));
    const good = json(state) as Record<string, unknown>;
    assert.ok(parseModelState(good));
    for (const key of ['lastSeq', 'lastAt', 'lastRun', 'total', 'header', 'grants', 'openApprovals']) {
      for (const wrong of [undefined, null, -1.5, 'x', {}, [1]]) {
        assert.equal(
          parseModelState({ ...good, [key]: wrong === -1.5 && key === 'lastAt' ? '1' : wrong }),
          undefined,
          key,
        );
      }
    }
    for (const [key, wrong] of [
      ['turn', { origin: 'elsewhere', startedAt: 1, run: 1 }],
      ['usage', 1],
      ['lastUserMessage', { text: 1 }],
      ['nativeSessionId', 1],
      ['rateLimitedUntil', '1'],
    ] as const) {
      assert.equal(parseModelState({ ...good, [key]: wrong }), undefined, key);
    }
    for (const [key, wrong] of [
      ['mode', 'free'],
      ['state', 'unknown'],
      ['pending', [{ kind: 'approval' }]],
      ['queued', [{ id: '1' }]],
      ['commands', [1]],
    ] as const) {
      assert.equal(parseModelState({ ...good, header: { ...state.header, [key]: wrong } }), undefined, key);
    }
  });
});
