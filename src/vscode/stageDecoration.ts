import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { SessionInfo } from '../core/sessionInfo.ts';

const scheme = 'greenroom-session';

/** Names a row for decorations; the place is part of it, so that a row that moves is decorated anew. */
export function sessionUri(info: Pick<SessionInfo, 'id' | 'place'>): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${info.id}`, query: info.place });
}

/** Colours the session on stage, so that it stands out where a narrow side bar has no room for its description. */
export function registerStageDecoration(): Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration: (uri) =>
      uri.scheme === scheme && uri.query === 'foreground'
        ? { color: new vscode.ThemeColor('list.highlightForeground'), tooltip: t('on stage') }
        : undefined,
  });
}
