// A window that works until it is killed: `windowWriter.ts root`. Writes a line of JSON for everything that was
// acknowledged: a message, a decision, a turn that has ended and is saved.
import fs from 'node:fs';
import type { ToolRequest } from '../../../src/core/runtime.ts';
import { eventually } from '../../support/eventually.ts';
import { openWindow } from '../../support/storeWindow.ts';
import { answerOf } from './sessionWords.ts';

const [root = ''] = process.argv.slice(2);
const window = openWindow(root);
await window.manager.restore();
const session = await window.stage();
const acknowledge = (kind: string, turn: number) =>
  fs.writeSync(1, `${JSON.stringify({ session: session.id, kind, turn })}\n`);

let turn = (await window.messagesOf(session)).filter(({ role }) => role === 'user').length;
fs.writeSync(1, '{}\n');
for (;;) {
  turn += 1;
  const run = await window.begin(session, `message ${turn}`);
  acknowledge('sent', turn);
  const answer = answerOf(turn);
  for (let at = 0; at < answer.length; at += 40) {
    run.emit({ type: 'textDelta', partId: 'p', text: answer.slice(at, at + 40) });
    if (Math.random() < 0.05) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    }
  }
  if (turn % 2 === 0) {
    const request: ToolRequest = {
      toolCallId: `c${turn}`,
      toolName: 'Bash',
      access: 'execute',
      paths: [],
      command: `make ${turn}`,
      input: { command: `make ${turn}` },
    };
    run.emit({ type: 'toolCallStarted', id: `c${turn}`, name: 'Bash', title: `make ${turn}`, inputText: '{}' });
    void run.context?.approvals.ask(request, '', new AbortController().signal);
    const pending = await eventually(() => session.model.view.header.pending[0], 'it is asked');
    await window.manager.decide(pending.id, 'allowOnce');
    acknowledge('decided', turn);
    run.emit({
      type: 'toolResult',
      id: `c${turn}`,
      output: 'x'.repeat(turn % 4 === 0 ? 100_000 : 10),
      outcome: 'completed',
    });
  }
  run.endTurn();
  run.end();
  await session.flush();
  acknowledge('ended', turn);
}
