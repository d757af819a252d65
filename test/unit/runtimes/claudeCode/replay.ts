import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RuntimeEvent } from '../../../../src/core/sessionEvents.ts';
import { crashed } from '../../../../src/runtimes/claudeCode/errors.ts';
import { EventMapper } from '../../../../src/runtimes/claudeCode/eventMapper.ts';

export const fixtures = path.resolve(import.meta.dirname, '..', '..', '..', 'fixtures', 'claude');

export type Line = Readonly<Record<string, unknown>>;

/** The recorded streams, by name and version. */
export function recordings(): readonly string[] {
  return readdirSync(fixtures)
    .filter((name) => name.endsWith('.jsonl') && !name.endsWith('.events.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length));
}

export function readLines(name: string): readonly Line[] {
  return readFileSync(path.join(fixtures, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** What the lines become, with the process ending after the last one. */
export function replay(lines: readonly Line[], mapper = new EventMapper({ resumed: false })): readonly RuntimeEvent[] {
  const events: RuntimeEvent[] = [];
  for (const line of lines) {
    if (line['type'] !== 'host') {
      events.push(...mapper.map(line));
    } else if (line['did'] === 'prompt') {
      mapper.beginTurn();
    } else {
      mapper.interrupt();
    }
  }
  events.push(...mapper.abandon(crashed(1, ''), 0));
  return events;
}
