import type * as vscode from 'vscode';
import type { FileAccess } from '../core/ports.ts';
import type { ShellList } from '../core/shells/shellList.ts';
import { ChatFiles, type ChatFilesDeps } from './chatFiles.ts';
import { ChatSurface, type ChatSurfaceDeps } from './chatSurface.ts';
import { ComposerCommands } from './composerCommands.ts';

export interface ChatSurfacesDeps extends Omit<ChatSurfaceDeps, 'chatFiles' | 'composerCommands' | 'onFocus'> {
  readonly catalog: ChatSurfaceDeps['catalog'] & ChatFilesDeps['catalog'];
  readonly shells: Pick<ShellList, 'list'>;
  readonly files: FileAccess;
  readonly documents: ChatFilesDeps['documents'];
}

export type NewChatSurface = (webview: vscode.Webview, onFocus: NonNullable<ChatSurfaceDeps['onFocus']>) => ChatSurface;

/** What makes the chats of a window; loaded when the first is shown. */
export function chatSurfaces(deps: ChatSurfacesDeps): NewChatSurface {
  const { manager, catalog, files, documents, clock, shells } = deps;
  const chatFiles = new ChatFiles({ manager, catalog, files, documents });
  const composerCommands = new ComposerCommands(manager, clock, shells);
  return (webview, onFocus) => new ChatSurface({ ...deps, chatFiles, composerCommands, onFocus }, webview);
}
