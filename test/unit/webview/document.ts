import { JSDOM } from 'jsdom';

/** A document for code of the webview, in a process without a browser. Import this before anything of `src/webview`. */
const { window } = new JSDOM('<!DOCTYPE html><body></body>', { pretendToBeVisual: true });

const globals = [
  'window',
  'document',
  'navigator',
  'Element',
  'HTMLElement',
  'Text',
  'Node',
  'DocumentFragment',
] as const;
for (const name of globals) {
  Object.defineProperty(globalThis, name, {
    value: name === 'window' ? window : (window as unknown as Record<string, unknown>)[name],
    configurable: true,
    writable: true,
  });
}
