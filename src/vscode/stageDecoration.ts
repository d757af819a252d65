import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { SessionInfo } from '../core/sessionInfo.ts';

const scheme = 'greenroom-session';

/** Names a row for decorations; what they depend on is part of it, so that a row that changes is decorated anew. */
export function sessionUri({ id, place, attention }: SessionInfo): vscode.Uri {
  return vscode.Uri.from({
    scheme,
    path: `/${id}`,
    query: place,
    fragment: attention.includes('unread') ? 'unread' : '',
  });
}

/**
 * Colours the session on stage, so that it stands out where a narrow side bar has no room for its description, and dots
 * what nobody has looked at, whatever its icon says.
 */
export function registerStageDecoration(): Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration: ({ scheme: found, query, fragment }) => {
      if (found !== scheme) {
        return undefined;
      }
      const unread = fragment === 'unread' ? { badge: '●', tooltip: t('unread') } : undefined;
      return query === 'foreground'
        ? { color: new vscode.ThemeColor('list.highlightForeground'), tooltip: t('on stage'), ...unread }
        : unread;
    },
  });
}
