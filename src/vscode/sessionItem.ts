import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { ageInWords } from '../core/age.ts';
import type { SessionInfo } from '../core/sessionInfo.ts';
import { sessionUri } from './stageDecoration.ts';
import { stateText } from './stateText.ts';

/** A row of the tree of sessions. */
export function sessionItem(info: SessionInfo, runtimeName: string, now: number): vscode.TreeItem {
  const state = stateText(info);
  const age = ageInWords(info.createdAt, now);
  const item = new vscode.TreeItem(info.summary, vscode.TreeItemCollapsibleState.None);
  item.resourceUri = sessionUri(info);
  item.id = info.id;
  item.description = rowDescription(info, state, age);
  item.iconPath = iconOf(info);
  item.contextValue = contextValue(info);
  item.accessibilityInformation = { label: t('{0}, {1}, {2}, {3}', info.summary, placeText(info), state, age) };
  item.tooltip = tooltipOf(info, runtimeName, state, now);
  item.command = { command: 'greenroom.openStoredSession', title: t('Show'), arguments: [info.id] };
  return item;
}

/** Short: in a narrow side bar the name needs the room. What is plain from the icon is left to it. */
function rowDescription(info: SessionInfo, state: string, age: string): string {
  const isQuiet = info.place === 'stored' && (info.state === 'done' || info.state === 'idle');
  const place = info.place === 'foreground' ? t('on stage') : info.slot === undefined ? undefined : `#${info.slot}`;
  return [place, isQuiet ? undefined : state, age].filter((part) => part !== undefined).join(' · ');
}

/** Words for the `when` of menus: what the row is, and what can be done with it. */
function contextValue(info: SessionInfo): string {
  const runs = info.state === 'running' || info.state === 'pending';
  return ['session', info.place, ...(runs ? ['running'] : [])].join(' ');
}

export function placeText(info: SessionInfo): string {
  switch (info.place) {
    case 'foreground':
      return t('on stage');
    case 'background':
      return t('background slot {0}', info.slot ?? 0);
    case 'stored':
      return t('stored');
  }
}

/** No trusted Markdown: names, reasons and folders are texts of others. */
function tooltipOf(info: SessionInfo, runtimeName: string, state: string, now: number): vscode.MarkdownString {
  const { usage } = info;
  const locale = vscode.env.language;
  const count = (value: number): string => value.toLocaleString(locale);
  const rows: readonly (readonly [string, string | undefined])[] = [
    [t('Agent'), [runtimeName, info.model].filter((part) => part !== undefined).join(', ')],
    [t('Folder'), info.cwd],
    [t('Started'), `${new Date(info.createdAt).toLocaleString(locale)} (${ageInWords(info.createdAt, now)})`],
    [
      t('Tokens'),
      usage === undefined
        ? undefined
        : t(
            '{0} in, {1} out',
            count(usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens),
            count(usage.outputTokens),
          ),
    ],
    [t('Cost'), usage?.costUsd === undefined ? undefined : `$${usage.costUsd.toFixed(2)}`],
    [
      t('Limited until'),
      info.rateLimitedUntil === undefined ? undefined : new Date(info.rateLimitedUntil).toLocaleString(locale),
    ],
    [t('Queued'), info.queued.length === 0 ? undefined : String(info.queued.length)],
  ];
  const markdown = new vscode.MarkdownString();
  markdown.appendMarkdown('**').appendText(info.summary).appendMarkdown('** ').appendText(`(${info.shortId})`);
  markdown.appendMarkdown('\n\n').appendText(t('{0}, {1}', placeText(info), state));
  if (info.reason !== undefined) {
    markdown.appendMarkdown('\n\n').appendText(info.reason);
  }
  markdown.appendMarkdown('\n\n---\n\n');
  for (const [label, value] of rows) {
    if (value !== undefined) {
      markdown.appendText(t('{0}: {1}', label, value)).appendMarkdown('  \n');
    }
  }
  return markdown;
}

function iconOf(info: SessionInfo): vscode.ThemeIcon {
  const colored = (icon: string, color: string) => new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
  if (info.attention.includes('needsApproval')) {
    return colored('bell-dot', 'list.warningForeground');
  }
  if (info.attention.includes('rateLimited')) {
    return colored('watch', 'list.warningForeground');
  }
  if (info.attention.includes('interrupted')) {
    return colored('debug-disconnect', 'list.warningForeground');
  }
  switch (info.state) {
    case 'running':
    case 'pending':
      return new vscode.ThemeIcon('loading~spin');
    case 'error':
      return colored('error', 'list.errorForeground');
    case 'cancelled':
      return new vscode.ThemeIcon('circle-slash');
    case 'done':
      return info.attention.includes('unread')
        ? colored('circle-filled', 'charts.blue')
        : info.place === 'stored'
          ? new vscode.ThemeIcon('history')
          : colored('pass', 'testing.iconPassed');
    case 'idle':
      return new vscode.ThemeIcon(info.place === 'stored' ? 'history' : 'comment');
  }
}
