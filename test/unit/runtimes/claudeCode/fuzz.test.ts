import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EventMapper } from '../../../../src/runtimes/claudeCode/eventMapper.ts';
import { type Line, readLines, recordings, replay } from './replay.ts';

const runs = process.env['GREENROOM_LONG'] === '1' ? 5000 : 300;
const all = recordings().map(readLines);

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const junk: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, -1, 0, 1e308, '', 'x', 'text', 'tool_use', 'toolu_1', [], {}, [null], [[]], {
    type: 'text',
  }),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

/** Replaces, removes or doubles something inside a line. */
function mutate(value: unknown, path: readonly number[], change: 'replace' | 'remove', by: Json): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== 'object' || value === null) {
    return by;
  }
  const keys = Object.keys(value);
  const key = keys[step % Math.max(keys.length, 1)];
  if (key === undefined) {
    return by;
  }
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  const fields = copy as Record<string, unknown>;
  if (rest.length === 0 && change === 'remove') {
    delete fields[key];
  } else {
    fields[key] = mutate(fields[key], rest, change, by);
  }
  return copy;
}

const mutation = fc.record({
  at: fc.nat(),
  path: fc.array(fc.nat(12), { minLength: 1, maxLength: 5 }),
  change: fc.constantFrom('replace' as const, 'remove' as const, 'swap' as const, 'repeat' as const, 'drop' as const),
  by: junk,
});

describe('EventMapper under damaged input', () => {
  it('never throws, and ends every turn at most once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...all),
        fc.array(mutation, { minLength: 1, maxLength: 8 }),
        (recorded, mutations) => {
          const lines: unknown[] = [...recorded];
          for (const { at, path, change, by } of mutations) {
            const index = at % lines.length;
            const line = lines[index];
            if (change === 'swap') {
              lines[index] = lines[lines.length - 1 - index];
              lines[lines.length - 1 - index] = line;
            } else if (change === 'repeat') {
              lines.splice(index, 0, line);
            } else if (change === 'drop' && lines.length > 1) {
              lines.splice(index, 1);
            } else if (change !== 'drop') {
              lines[index] = mutate(line, path, change, by);
            }
          }
          const objects = lines.filter(
            (line) => typeof line === 'object' && line !== null && !Array.isArray(line),
          ) as Line[];
          const events = replay(objects);
          let open = 0;
          for (const line of objects) {
            open += line['type'] === 'host' && line['did'] === 'prompt' ? 1 : 0;
          }
          const begun = open + events.filter((event) => event.type === 'turnStarted').length;
          const ended = events.filter(
            (event) => event.type === 'turnComplete' || event.type === 'turnCancelled',
          ).length;
          assert.ok(ended <= begun, `${ended} ends of ${begun} turns`);
          JSON.stringify(events);
        },
      ),
      { numRuns: runs },
    );
  });

  it('never throws for any object at all', () => {
    const types = [
      'system',
      'assistant',
      'user',
      'result',
      'stream_event',
      'rate_limit_event',
      'command_lifecycle',
      'unheard_of',
    ];
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom(...types),
            fc.dictionary(
              fc.constantFrom(
                'subtype',
                'message',
                'event',
                'usage',
                'errors',
                'tool_use_result',
                'content',
                'rate_limit_info',
              ),
              junk,
            ),
          ),
        ),
        (lines) => {
          const mapper = new EventMapper({ resumed: true });
          mapper.beginTurn();
          for (const [type, fields] of lines) {
            mapper.map({ type, ...fields });
          }
        },
      ),
      { numRuns: runs },
    );
  });

  it('counts what it does not know, and goes on undisturbed', () => {
    const mapper = new EventMapper({ resumed: false });
    const lines = readLines('stream-2.1.328');
    const strange: Line[] = [{ type: 'unheard_of' }, { type: 'system', subtype: 'unheard_of' }];
    assert.deepEqual(
      replay(
        lines.flatMap((line) => [...strange, line]),
        mapper,
      ),
      replay(lines),
    );
    assert.equal(mapper.unknownLines, lines.length * 2);
  });
});
