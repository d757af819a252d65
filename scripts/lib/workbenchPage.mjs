// A workbench of a running server in a headless browser.
import path from 'node:path';
import { launchBrowser } from './browser.mjs';

/** Spares a small machine what nobody sees: animations, and compressing for a reader on the same machine. */
export const thriftyPage = /** @type {const} */ ({
  reducedMotion: 'reduce',
  extraHTTPHeaders: { 'accept-encoding': 'identity' },
});

/**
 * @typedef {object} PageOptions
 * @property {string} [folder] The folder to open; an empty window without one.
 * @property {string[]} [developmentPaths] Extensions to load from source folders.
 * @property {string} [testsPath] A module with `run()` for the extension host.
 * @property {(code: number) => void} [onExit] Called when a test run in the extension host has ended.
 * @property {(type: string, args: unknown[]) => void} [onLog] The extension host's console.
 * @property {{ width: number, height: number }} [viewport]
 * @property {number} [scale] Device pixels per pixel.
 * @property {string} [userAgent] By which the workbench knows the person's system, and with it the keys.
 */

/**
 * @param {string} origin @param {PageOptions} options
 */
export async function openWorkbenchPage(origin, options = {}) {
  const {
    folder,
    developmentPaths = [],
    testsPath,
    onExit,
    onLog,
    viewport = { width: 1280, height: 800 },
    scale = 1,
    userAgent,
  } = options;
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({
      viewport,
      deviceScaleFactor: scale,
      ...(userAgent ? { userAgent } : {}),
      baseURL: origin,
      ...thriftyPage,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    if (developmentPaths.length > 0) {
      // The page's configuration is the one place where a built VS Code takes development options without its
      // smoke-test driver, which would hide notifications.
      const toUri = (/** @type {string} */ file) => ({
        scheme: 'vscode-remote',
        authority: new URL(origin).host,
        path: path.resolve(file),
      });
      await page.addInitScript(addDevelopmentOptions, {
        extensions: developmentPaths.map(toUri),
        ...(testsPath ? { extensionTestsPath: toUri(testsPath) } : {}),
      });
    }
    await page.exposeFunction('codeAutomationLog', (/** @type {string} */ type, /** @type {unknown[]} */ args) =>
      onLog?.(type, args),
    );
    await page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) => onExit?.(code));
    const query = new URLSearchParams(folder ? { folder: path.resolve(folder) } : { ew: 'true' });
    await page.goto(`${origin}/?${query}`);
    return { browser, context, page };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Runs in the page: adds the options to the configuration that the workbench reads from a <meta> tag. */
function addDevelopmentOptions(developmentOptions) {
  const read = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name) {
    const value = read.call(this, name);
    if (name !== 'data-settings' || this.id !== 'vscode-workbench-web-configuration') return value;
    Element.prototype.getAttribute = read;
    const configuration = JSON.parse(value);
    const merged = { ...configuration.developmentOptions, ...developmentOptions };
    return JSON.stringify({ ...configuration, developmentOptions: merged });
  };
}
