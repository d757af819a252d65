import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import type { ListedShell } from '../core/shells/agentShells.ts';
import type { ShellInfo } from '../core/shells/shellInfo.ts';
import {
  commandLabel,
  durationInWords,
  isShellActive,
  lastLineText,
  shellStatusText,
} from '../core/shells/shellWords.ts';

/** Of a command, so much that its time and its last line are seen beside it in a side bar of the usual width. */
const longestCommand = 24;

/** The row of a shell below its session. */
export function shellItem(info: ListedShell): vscode.TreeItem {
  const label = commandLabel(info.command, longestCommand);
  const [status, elapsed] = [shellStatusText(info), durationInWords(info.elapsedMs)];
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
  const isActive = isShellActive(info);
  const lastLine = info.isAgents ? undefined : lastLineText(info);
  item.id = info.isAgents ? `shell ${info.sessionId} ${info.id}` : `shell ${info.id}`;
  item.description = [isActive ? undefined : status, elapsed, lastLine]
    .filter((part) => part !== undefined)
    .join(' · ');
  item.iconPath = iconOf(info);
  item.contextValue = contextValue(info, isActive);
  item.accessibilityInformation = { label: t('Background shell {0}, {1}, {2}', label, status, elapsed) };
  item.tooltip = tooltipOf(info, status, elapsed);
  return item;
}

/** Words for the `when` of menus. What an agent runs by its own means has no terminal that could be shown. */
function contextValue(info: ListedShell, isActive: boolean): string {
  const kind = info.isAgents ? ['agentShell'] : ['shell', ...(info.tty ? ['tty'] : [])];
  return [...kind, ...(isActive ? ['active'] : [])].join(' ');
}

/** No trusted Markdown: commands and output are texts of others. */
function tooltipOf(info: ListedShell, status: string, elapsed: string): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.appendCodeblock(info.command, 'sh');
  for (const [label, value] of [
    [t('Status'), `${status} (${elapsed})`] as const,
    ...(info.isAgents ? [] : factsOf(info)),
  ]) {
    if (value !== undefined) {
      markdown.appendText(t('{0}: {1}', label, value)).appendMarkdown('  \n');
    }
  }
  if (info.isAgents) {
    markdown.appendText(t('The agent runs it by its own means. A click shows what it has said until now.'));
  }
  return markdown;
}

function factsOf(info: ShellInfo): readonly (readonly [string, string | undefined])[] {
  return [
    [t('Folder'), info.cwd],
    [t('Process'), info.pid === undefined ? undefined : String(info.pid)],
    [t('Left running'), info.status === 'leftRunning' ? info.reason : undefined],
    [t('Output'), t('{0} bytes', info.bytesSeen.toLocaleString(vscode.env.language))],
    [t('Id'), info.id.slice(0, 8)],
    [t('Last line'), lastLineText(info)],
  ];
}

function iconOf(info: Pick<ShellInfo, 'status' | 'exitCode'>): vscode.ThemeIcon {
  const colored = (icon: string, color: string) => new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
  switch (info.status) {
    case 'running':
      return new vscode.ThemeIcon('terminal');
    case 'leftRunning':
      return colored('warning', 'list.warningForeground');
    case 'exited':
      return info.exitCode === 0 ? colored('pass', 'testing.iconPassed') : colored('error', 'list.errorForeground');
    case 'killed':
      return new vscode.ThemeIcon('circle-slash');
    case 'failed':
      return colored('error', 'list.errorForeground');
  }
}
