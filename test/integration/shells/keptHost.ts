// A window with shells that waits to be killed: `keptHost.ts options command...`, where the options are those of
// `KeptWindow` as JSON. A command that begins with `tty:` runs on a terminal, one with `2:` for two seconds at most, one with
// `other:` is of another session, one with `fore:` is waited for; with
// `readAtOnce` a model reads as far as that text is. It says the id and the length of the output
// of each shell. `close` on its input ends it in order.
import { createInterface } from 'node:readline';
import type { Log } from '../../../src/core/ports.ts';
import { KeptWindow, otherSession, session } from './keptWindow.ts';

const [options = '{}', ...commands] = process.argv.slice(2);
const say = (word: string): void => void process.stdout.write(`${word}\n`);
const log: Log = { info: () => undefined, warn: (line) => say(`log ${line}`), error: (line) => say(`log ${line}`) };
const { readAtOnce, ...windowOptions } = JSON.parse(options);
const window = new KeptWindow({ ...windowOptions, log });

for (const shell of await window.recover()) {
  say(`taken ${shell.id}`);
}
for (const sentence of window.told) {
  say(`told ${sentence}`);
}
for (const command of commands) {
  const [, kind, rest = ''] = /^(?:(tty|2|fore|other):)?([^]*)$/.exec(command) ?? [];
  if (kind === 'fore') {
    const started = window.registry.startForeground({ sessionId: session, command: rest, cwd: '/', tty: false });
    await ('launched' in started ? started.launched : undefined);
    continue;
  }
  const shell = await window.start(rest, {
    tty: kind === 'tty',
    sessionId: kind === 'other' ? otherSession : session,
    ...(kind === '2' ? { timeoutSeconds: 2 } : {}),
  });
  say(`shell ${shell.id} ${shell.status.kind}`);
  shell.onActivity(() => {
    const unread = shell.unread.peek(false);
    if (readAtOnce !== undefined && Buffer.from(unread.head).toString().startsWith(readAtOnce)) {
      shell.unread.advance(unread, unread.from + readAtOnce.length);
    }
    say(`said ${shell.id} ${shell.output.end}`);
  });
}
say('ready');

createInterface({ input: process.stdin }).on('line', (word) => {
  if (word === 'close') {
    void window.close().then(() => process.exit(0));
  }
});
