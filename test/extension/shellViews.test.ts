import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Shell } from '../../src/core/shells/shell.ts';
import { type ShellNode, ShellRows } from '../../src/vscode/shellRows.ts';
import { ShellStatus } from '../../src/vscode/shellStatus.ts';
import { ShellTerminal } from '../../src/vscode/shellTerminal.ts';
import { gate, ShellStage } from '../support/fakeShells.ts';

/** A terminal's text without what is faint, which is not the shell's. */
const said = (text: string): string => text.replaceAll(/\u001B\[0;2m[^\u001B]*\u001B\[0m(?:\r\n)?/g, '');

describe('The terminal of a shell', () => {
  let stage: ShellStage;
  const problems: unknown[] = [];
  beforeEach(() => {
    stage = new ShellStage();
  });
  afterEach(() => assert.deepEqual(problems.splice(0), []));

  /** What VS Code would draw. */
  function open(shell: Shell) {
    const terminal = new ShellTerminal(shell, stage.clock, (error) => problems.push(error));
    const view = { terminal, text: '', pieces: 0 };
    terminal.onDidWrite((piece) => {
      view.text += piece;
      view.pieces += 1;
    });
    terminal.open({ columns: 80, rows: 24 });
    return view;
  }

  it('has what was said before it was opened, in colour, follows, and is the same when it is opened twice', async () => {
    const { shell, process } = await stage.start({ command: 'serve' });
    process.say('\u001B[32mready\u001B[0m\n');
    process.say(Buffer.from('ä').subarray(0, 1));
    const first = open(shell);
    await stage.clock.run(100);
    assert.equal(said(first.text), '\u001B[32mready\u001B[0m\r\n');
    process.say(Buffer.from('ä').subarray(1));
    process.say(' 10 %\r20 %\r\n');
    process.say('oops\n', true);
    await stage.clock.run(100);
    const second = open(shell);
    await stage.clock.run(100);
    assert.equal(said(first.text), '\u001B[32mready\u001B[0m\r\nä 10 %\r20 %\r\noops\r\n');
    assert.equal(second.text, first.text);
    process.exit(3);
    await shell.store();
    await stage.clock.run(100);
    const late = open(shell);
    await stage.clock.run(100);
    assert.match(first.text, /\[exited with 3 · 0s\]\u001B\[0m\r\n$/);
    assert.deepEqual([second.text, late.text], [first.text, first.text]);
    assert.equal(shell.unread.from, 0, 'the model has not read any of it');
  });

  it('does not fall behind a flood: it goes on at its end, and says what is missing', async () => {
    const { shell, process } = await stage.start({ command: 'yes' });
    const view = open(shell);
    const line = `${'y'.repeat(1023)}\n`;
    for (let at = 0; at < 100; at++) {
      process.say(line.repeat(256));
      await stage.clock.run(16, 16);
    }
    process.say('the end\n');
    await stage.clock.run(1000, 16);
    assert.ok(view.text.length < 8 << 20, `${view.text.length} characters`);
    assert.ok(view.pieces <= 250, `${view.pieces} pieces`);
    assert.match(view.text, /… \d+ bytes are not shown …/);
    assert.ok(view.text.endsWith('the end\r\n'));
  });

  it('hands on what is typed where the shell has a terminal, and its size', async () => {
    const { shell, process } = await stage.start({ command: 'python3', tty: true });
    const { terminal } = open(shell);
    terminal.handleInput('1 + 1\r');
    terminal.handleInput('\u0003');
    await stage.clock.run(20);
    assert.deepEqual([process.written, process.kills], [['1 + 1\r', '\u0003'], 0]);
  });

  it('ends a shell that has none by Ctrl+C, once however often that is pressed, and takes nothing else', async () => {
    const { shell, process } = await stage.start({ command: 'serve' });
    const killing = gate();
    process.holdKill = killing.opened;
    const view = open(shell);
    view.terminal.handleInput('hello');
    view.terminal.handleInput('hello');
    for (let key = 0; key < 100; key++) {
      view.terminal.handleInput('\u0003');
    }
    killing.open();
    await stage.clock.run(100);
    for (let key = 0; key < 100; key++) {
      view.terminal.handleInput('\u0003');
    }
    assert.deepEqual([process.kills, process.written, shell.status], [1, [], { kind: 'killed', code: 143 }]);
    assert.equal(view.text.split('takes no input').length, 2);
  });

  it('ends nothing when it is closed', async () => {
    const { shell, process } = await stage.start();
    const view = open(shell);
    await stage.clock.run(100);
    view.terminal.close();
    const { text } = view;
    process.say('more\n');
    await stage.clock.run(100);
    assert.deepEqual([view.text, process.kills, shell.isActive], [text, 0, true]);
  });
});

describe('The rows of shells', () => {
  it('are drawn once a second at most while they are seen, and never while they are not', async () => {
    const stage = new ShellStage();
    const drawn: (readonly ShellNode[])[] = [];
    let rebuilt = 0;
    const rows = new ShellRows({
      shells: stage.registry,
      clock: stage.clock,
      refresh: (nodes) => drawn.push(nodes),
      rebuild: () => {
        rebuilt += 1;
      },
    });
    const { process } = await stage.start({ command: 'yes' });
    const flood = async (): Promise<void> => {
      for (let at = 0; at < 1000; at++) {
        process.say(`line ${at}\n`);
        await stage.clock.run(10);
      }
    };
    const [node] = rows.of('s');
    assert.ok(node);
    await flood();
    assert.deepEqual([drawn.length, rebuilt], [0, 1]);
    rows.setVisible(true);
    await flood();
    assert.ok(drawn.length >= 8 && drawn.length <= 10, `${drawn.length} times in 10 s`);
    assert.ok(drawn.every((nodes) => nodes.length === 1 && nodes[0] === node));
    assert.match(String(rows.item(node).description), /^2\ds · line \d+$/);
    process.exit(0);
    assert.equal(rebuilt, 2);
    await stage.clock.run(2000, 100);
    const count = drawn.length;
    await stage.clock.run(5000, 100);
    assert.equal(drawn.length, count, 'nothing runs any more');
    rows.dispose();
  });
});

describe('The count of shells', () => {
  it('is right at every moment, hidden at 0, and opens the list', async () => {
    const stage = new ShellStage();
    const shown: (string | undefined)[] = [];
    const item = {
      text: '',
      command: '',
      show: () => shown.push(item.text),
      hide: () => shown.push(undefined),
      dispose: () => undefined,
    };
    const create = vscode.window.createStatusBarItem;
    Object.assign(vscode.window, { createStatusBarItem: () => item });
    const status = new ShellStatus(stage.registry);
    Object.assign(vscode.window, { createStatusBarItem: create });
    const now = (): string | undefined => shown.at(-1);
    assert.deepEqual([now(), item.command], [undefined, 'greenroom.showShell']);
    const first = await stage.start();
    assert.equal(now(), '$(terminal) 1');
    const second = await stage.start();
    assert.equal(now(), '$(terminal) 2');
    first.process.exit(0, [77]);
    assert.equal(now(), '$(terminal) 2', 'something of it still runs');
    first.process.end();
    assert.equal(now(), '$(terminal) 1');
    const foreground = stage.registry.startForeground({ sessionId: 's', command: 'make', cwd: '/w', tty: false });
    assert.ok('shell' in foreground);
    await foreground.launched;
    assert.equal(now(), '$(terminal) 1');
    assert.equal(stage.registry.moveToBackground(foreground.shell), undefined);
    assert.equal(now(), '$(terminal) 2');
    await second.shell.kill();
    assert.equal(now(), '$(terminal) 1');
    stage.runner.fail = new Error('no');
    const failing = stage.tryStart();
    assert.ok('id' in failing);
    assert.equal(now(), '$(terminal) 2');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(now(), '$(terminal) 1');
    await stage.registry.killAll();
    assert.equal(now(), undefined);
    status.dispose();
  });
});
