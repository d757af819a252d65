import * as vscode from 'vscode';
import type { SessionInfo } from '../core/sessionInfo.ts';

/** What a session's state looks like, in lists. */
export function sessionIcon(info: SessionInfo): vscode.ThemeIcon {
  const colored = (icon: string, color: string) => new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
  if (info.attention.includes('needsApproval')) {
    return colored('bell-dot', 'list.warningForeground');
  }
  if (info.attention.includes('rateLimited')) {
    return colored('watch', 'list.warningForeground');
  }
  if (info.attention.includes('stalled')) {
    return colored('warning', 'list.warningForeground');
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
