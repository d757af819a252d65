import assert from 'node:assert/strict';
import { withTranscript } from '../../../src/core/neutralTranscript.ts';
import type { Message, Part } from '../../../src/protocol/view.ts';

const message = (role: Message['role'], ...parts: Part[]): Message => ({ role, at: 0, parts });

describe('a conversation told to another', () => {
  it('has what was said and done, and the message that goes on with it', () => {
    const told = withTranscript(
      [
        message('user', { type: 'text', text: 'List the files' }),
        message(
          'assistant',
          { type: 'reasoning', text: 'hidden' },
          {
            type: 'toolCall',
            id: 't',
            name: 'Bash',
            state: 'completed',
            title: 'ls',
            inputText: '{"command":"ls"}',
            output: 'a\nb',
          },
          { type: 'text', text: 'Two files.' },
        ),
        message('notice', { type: 'notice', level: 'info', text: 'unsaid', actions: [] }),
      ],
      'And now?',
    );
    assert.match(told, /User: List the files/);
    assert.match(told, /\[Bash \{"command":"ls"\} → completed: a\nb\]\nTwo files\./);
    assert.ok(told.endsWith('And now?'));
    assert.doesNotMatch(told, /hidden|unsaid/);
  });

  it('is the message alone where nothing was said', () => {
    assert.equal(withTranscript([], 'Hello'), 'Hello');
  });

  it('leaves out the beginning of what is too long, and says so', () => {
    const long = Array.from({ length: 300 }, (_, index) =>
      message('user', { type: 'text', text: `${index} ${'x'.repeat(1_000)}` }),
    );
    const told = withTranscript(long, 'Go on');
    assert.ok(told.length < 130_000);
    assert.match(told, /beginning is left out/);
    assert.match(told, /User: 299 /);
    assert.doesNotMatch(told, /User: 0 /);
  });
});
