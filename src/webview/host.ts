import type { WebviewMessage } from '../protocol/messages.ts';

export type Post = (message: WebviewMessage) => void;

interface VsCodeApi {
  postMessage(message: WebviewMessage): void;
  setState(state: unknown): void;
}

declare global {
  function acquireVsCodeApi(): VsCodeApi;
}

/** The extension host as the webview sees it. Nothing is awaited: what follows from a message comes as a message. */
export function connectHost(): { readonly post: Post; readonly remember: (sessionId: string) => void } {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    // Everything else lives in the host, so that a webview that was thrown away loses nothing.
    remember: (sessionId) => api.setState({ sessionId }),
  };
}
