import { StreamedMarkdown } from '../../../src/webview/markdown/streamedMarkdown.ts';

// Bundled for the browser by the harness, so that tests reach the renderer without the panel around it.
Object.assign(globalThis, { StreamedMarkdown });
