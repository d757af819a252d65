import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { SessionInfo } from '../core/sessionInfo.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { stateText } from './stateText.ts';

/** Sessions that the tooltip lists; a slot more would not fit on a small screen. */
const maxListed = 16;

/** The agents that run or need the person, in the status bar; hidden while there are none. */
export class AgentStatus implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  #shown = '';
  #needsYou: boolean | undefined;

  constructor(manager: SessionManager) {
    this.#item = this.#store.add(vscode.window.createStatusBarItem('agents', vscode.StatusBarAlignment.Left, 50));
    this.#item.name = t('Greenroom agents');
    this.#store.add(manager.onDidChange(() => this.#update(manager)));
    this.#update(manager);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(manager: SessionManager): void {
    const placed = manager.placed();
    const needing = placed.filter(needsYou);
    const running = placed.filter((info) => !needsYou(info) && runs(info));
    const listed = [...needing, ...running];
    const shown = listed.map((info) => `${info.id} ${stateText(info)} ${info.summary}`).join('\n');
    if (shown === this.#shown && this.#needsYou !== undefined) {
      return;
    }
    this.#shown = shown;
    this.#setNeedsYou(needing.length > 0);
    if (listed.length === 0) {
      this.#item.hide();
      return;
    }
    const sentences = [
      needing.length === 0
        ? undefined
        : needing.length === 1
          ? t('1 session needs you')
          : t('{0} sessions need you', needing.length),
      running.length === 0 ? undefined : running.length === 1 ? t('1 agent runs') : t('{0} agents run', running.length),
    ].filter((sentence) => sentence !== undefined);
    this.#item.text = [
      ...(needing.length > 0 ? [`$(bell-dot) ${needing.length}`] : []),
      ...(running.length > 0 ? [`$(loading~spin) ${running.length}`] : []),
    ].join(' ');
    this.#item.tooltip = tooltip(sentences.join(', '), listed, needing.length > 0);
    this.#item.accessibilityInformation = { label: `Greenroom: ${sentences.join(', ')}` };
    this.#item.command = needing.length > 0 ? 'greenroom.nextNeedsYou' : 'greenroom.openChat';
    this.#item.backgroundColor =
      needing.length > 0 ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.show();
  }

  #setNeedsYou(value: boolean): void {
    if (value !== this.#needsYou) {
      this.#needsYou = value;
      vscode.commands.executeCommand('setContext', 'greenroom.needsYou', value).then(undefined, () => undefined);
    }
  }
}

function needsYou(info: SessionInfo): boolean {
  return info.attention.includes('needsApproval');
}

function runs(info: SessionInfo): boolean {
  return info.state === 'running' || info.state === 'pending';
}

/** Names are texts of others: they are put in as text, and nothing in it is trusted. */
function tooltip(sentence: string, listed: readonly SessionInfo[], urgent: boolean): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.appendMarkdown('**').appendText(sentence).appendMarkdown('**\n\n');
  for (const info of listed.slice(0, maxListed)) {
    markdown
      .appendMarkdown('- ')
      .appendText(`${info.summary} (${stateText(info)})`)
      .appendMarkdown('\n');
  }
  return markdown.appendMarkdown('\n').appendText(urgent ? t('Click to go there.') : t('Click to open the chat.'));
}
