import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { timeText } from '../base/timeText.ts';
import { ageInWords } from '../core/age.ts';
import type { SessionInfo } from '../core/sessionInfo.ts';
import { stateInWords, stateText } from '../core/stateText.ts';
import { sessionIcon } from './sessionIcon.ts';
import { sessionUri } from './stageDecoration.ts';

export interface RowFacts {
  readonly runtimeName: string;
  /** What waits for the person, in a few words each. */
  readonly asks: readonly string[];
  readonly now: number;
}

/** A row of the tree of sessions. */
export function sessionItem(info: SessionInfo, facts: RowFacts): vscode.TreeItem {
  const { now } = facts;
  const state = stateInWords(info, now);
  const age = ageInWords(info.createdAt, now);
  const item = new vscode.TreeItem(info.summary, vscode.TreeItemCollapsibleState.None);
  item.resourceUri = sessionUri(info);
  item.id = info.id;
  item.description = rowDescription(info, stateText(info, now), age);
  item.iconPath = sessionIcon(info);
  item.contextValue = contextValue(info);
  item.accessibilityInformation = { label: t('{0}, {1}, {2}, {3}', info.summary, placeText(info), state, age) };
  item.tooltip = tooltipOf(info, state, facts);
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
function tooltipOf(info: SessionInfo, state: string, { runtimeName, asks, now }: RowFacts): vscode.MarkdownString {
  const { usage, stalledSince, rateLimitedUntil } = info;
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
    [t('Limited until'), rateLimitedUntil === undefined ? undefined : timeText(rateLimitedUntil, now)],
    [t('No output since'), stalledSince === undefined ? undefined : timeText(stalledSince, now)],
    [t('Queued'), info.queued.length === 0 ? undefined : String(info.queued.length)],
  ];
  const markdown = new vscode.MarkdownString();
  markdown.appendMarkdown('**').appendText(info.summary).appendMarkdown('** ').appendText(`(${info.shortId})`);
  markdown.appendMarkdown('\n\n').appendText(t('{0}, {1}', placeText(info), state));
  if (info.reason !== undefined) {
    markdown.appendMarkdown('\n\n').appendText(info.reason);
  }
  for (const asked of asks) {
    markdown.appendMarkdown('\n\n').appendText(asked);
  }
  markdown.appendMarkdown('\n\n---\n\n');
  for (const [label, value] of rows) {
    if (value !== undefined) {
      markdown.appendText(t('{0}: {1}', label, value)).appendMarkdown('  \n');
    }
  }
  return markdown;
}
