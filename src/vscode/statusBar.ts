import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { Clock } from '../base/clock.ts';
import { needOf, needsSentence } from '../core/attention.ts';
import type { SessionInfo } from '../core/sessionInfo.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { stateInWords } from '../core/stateText.ts';

/** Sessions that the tooltip lists; a slot more would not fit on a small screen. */
const maxListed = 16;

/** The agents that run or need the person, in the status bar; hidden while there are none. */
export class AgentStatus implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  #shown = '';
  #needsYou: boolean | undefined;

  constructor(manager: SessionManager, clock: Clock) {
    this.#item = this.#store.add(vscode.window.createStatusBarItem('agents', vscode.StatusBarAlignment.Left, 50));
    this.#item.name = t('Greenroom agents');
    this.#store.add(manager.onDidChange(() => this.#update(manager, clock.now())));
    this.#update(manager, clock.now());
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(manager: SessionManager, now: number): void {
    const active = manager.active();
    const needing = active.filter((info) => needOf(info) !== undefined);
    const running = active.filter((info) => needOf(info) === undefined && runs(info));
    const listed = [...needing, ...running];
    const shown = listed.map((info) => `${info.id} ${stateInWords(info, now)} ${info.summary}`).join('\n');
    if (shown === this.#shown && this.#needsYou !== undefined) {
      return;
    }
    this.#shown = shown;
    this.#setNeedsYou(needing.length > 0);
    if (listed.length === 0) {
      this.#item.hide();
      return;
    }
    const sentence = [
      needsSentence(needing),
      running.length === 0 ? undefined : running.length === 1 ? t('1 agent runs') : t('{0} agents run', running.length),
    ]
      .filter((part) => part !== undefined)
      .reduce((line, part) => t('{0}, {1}', line, part));
    this.#item.text = [
      ...(needing.length > 0 ? [`$(bell-dot) ${needing.length}`] : []),
      ...(running.length > 0 ? [`$(loading~spin) ${running.length}`] : []),
    ].join(' ');
    this.#item.tooltip = tooltip(sentence, listed, needing.length > 0, now);
    this.#item.accessibilityInformation = { label: `Greenroom: ${sentence}` };
    this.#item.command = needing.length > 0 ? 'greenroom.nextNeedsYou' : 'greenroom.openChat';
    // What only wants to be looked at is no alarm.
    this.#item.backgroundColor = needing.some((info) => needOf(info) !== 'look')
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    this.#item.show();
  }

  #setNeedsYou(value: boolean): void {
    if (value !== this.#needsYou) {
      this.#needsYou = value;
      vscode.commands.executeCommand('setContext', 'greenroom.needsYou', value).then(undefined, () => undefined);
    }
  }
}

function runs(info: SessionInfo): boolean {
  return info.state === 'running' || info.state === 'pending';
}

/** Names are texts of others: they are put in as text, and nothing in it is trusted. */
function tooltip(
  sentence: string,
  listed: readonly SessionInfo[],
  urgent: boolean,
  now: number,
): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.appendMarkdown('**').appendText(sentence).appendMarkdown('**\n\n');
  for (const info of listed.slice(0, maxListed)) {
    markdown
      .appendMarkdown('- ')
      .appendText(t('{0} ({1})', info.summary, stateInWords(info, now)))
      .appendMarkdown('\n');
  }
  return markdown.appendMarkdown('\n').appendText(urgent ? t('Click to go there.') : t('Click to open the chat.'));
}
