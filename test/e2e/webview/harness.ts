import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../../scripts/lib/browser.mjs';
import type { Away, HostMessage, WebviewMessage } from '../../../src/protocol/messages.ts';
import type { Header, Message, Op } from '../../../src/protocol/view.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const origin = 'https://panel.test';
const screenshots = path.join(root, 'test', 'e2e', 'screenshots-out');

/** As in src/vscode/chatHtml.ts, with the page's own origin in the place of the webview's. */
const csp = [
  "default-src 'none'",
  "script-src 'nonce-harness'",
  `style-src ${origin}`,
  `img-src ${origin}`,
  `font-src ${origin}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export const themes = ['light', 'dark', 'highContrast', 'highContrastLight'] as const;
export type Theme = (typeof themes)[number];

const themeClass: Readonly<Record<Theme, string>> = {
  light: 'vscode-light',
  dark: 'vscode-dark',
  highContrast: 'vscode-high-contrast',
  highContrastLight: 'vscode-high-contrast-light vscode-high-contrast',
};

/** Makes `StreamedMarkdown` reachable in the page. */
function probeScript(): Promise<string> {
  return build({
    stdin: {
      contents: `import { StreamedMarkdown } from './src/webview/markdown/streamedMarkdown.ts';
        Object.assign(globalThis, { StreamedMarkdown });`,
      resolveDir: root,
    },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '');
}

let bundle: Promise<{ readonly script: string; readonly style: string }> | undefined;

/** The bundle as it ships, kept in memory. */
export function webviewBundle(): Promise<{ readonly script: string; readonly style: string }> {
  bundle ??= build({
    absWorkingDir: root,
    entryPoints: { main: 'src/webview/main.ts' },
    outdir: 'dist/webview',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'chrome140',
    minify: true,
    write: false,
    logLevel: 'silent',
  }).then(({ outputFiles }) => ({
    script: outputFiles.find((file) => file.path.endsWith('.js'))?.text ?? '',
    style: outputFiles.find((file) => file.path.endsWith('.css'))?.text ?? '',
  }));
  return bundle;
}

export interface PanelOptions {
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
  readonly dictionary?: Readonly<Record<string, string>>;
  readonly reducedMotion?: boolean;
}

interface PanelWindow extends Window {
  posted: WebviewMessage[];
  state: unknown;
  executed: unknown[];
}

/** The real bundle in a browser, with the test in the place of the extension host. */
export class PanelPage {
  readonly page: Page;
  /** Requests for anything but the panel's own files. */
  readonly foreignRequests: string[] = [];
  readonly errors: string[] = [];
  #epoch = 0;
  #seq = 0;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, options: PanelOptions = {}): Promise<PanelPage> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 400, height: options.height ?? 720 },
      permissions: ['clipboard-read', 'clipboard-write'],
      reducedMotion: options.reducedMotion === true ? 'reduce' : 'no-preference',
    });
    const page = await context.newPage();
    const panel = new PanelPage(page);
    await page.addInitScript(() => {
      const target = window as unknown as PanelWindow;
      target.posted = [];
      target.executed = [];
      Object.assign(globalThis, {
        acquireVsCodeApi: () => ({
          postMessage: (message: WebviewMessage) => target.posted.push(message),
          setState: (state: unknown) => (target.state = state),
          getState: () => target.state,
        }),
        // What the attacks of the corpus call.
        alert: (...args: unknown[]) => target.executed.push(args),
        xss: (...args: unknown[]) => target.executed.push(args),
      });
    });
    const theme = options.theme ?? 'dark';
    await panel.#serve(theme, options.dictionary ?? {});
    page.on('pageerror', (error) => panel.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        panel.errors.push(message.text());
      }
    });
    await page.goto(`${origin}/`);
    await page.getByRole('textbox', { name: 'Message' }).or(page.locator('.composer')).first().waitFor();
    return panel;
  }

  async #serve(theme: Theme, dictionary: Readonly<Record<string, string>>): Promise<void> {
    const { script, style } = await webviewBundle();
    const file = (name: string): string => readFileSync(path.join(import.meta.dirname, name), 'utf8');
    const files: Record<string, readonly [string, string]> = {
      '/': [
        'text/html',
        `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${csp}">
<link rel="stylesheet" href="/harness.css"><link rel="stylesheet" href="/theme.css">
<link rel="stylesheet" href="/main.css"><title>Greenroom</title></head>
<body class="${themeClass[theme]}">
<script type="application/json" id="l10n">${JSON.stringify(dictionary).replaceAll('<', '\\u003c')}</script>
<script type="module" nonce="harness" src="/main.js"></script></body></html>`,
      ],
      '/harness.css': ['text/css', file('harness.css')],
      '/theme.css': ['text/css', file(`themes/${theme}.css`)],
      '/main.css': ['text/css', style],
      '/main.js': ['text/javascript', script],
      '/probe.js': ['text/javascript', await probeScript()],
    };
    await this.page.route('**/*', (route) => {
      const url = new URL(route.request().url());
      const found = url.origin === origin ? files[url.pathname] : undefined;
      if (found === undefined) {
        this.foreignRequests.push(url.href);
        return route.abort();
      }
      return route.fulfill({ contentType: `${found[0]}; charset=utf-8`, body: found[1] });
    });
  }

  /** Loads the Markdown renderer on its own, beside the panel. */
  async addProbe(): Promise<void> {
    await this.page.evaluate(() => {
      const script = document.createElement('script');
      script.type = 'module';
      script.nonce = 'harness';
      script.src = '/probe.js';
      document.body.append(script);
      return new Promise((resolve) => script.addEventListener('load', resolve));
    });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Loads the page anew, as VS Code does when the view was hidden. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator('.composer').waitFor();
  }

  async send(...messages: readonly HostMessage[]): Promise<void> {
    await this.page.evaluate(
      (all) => all.forEach((message) => window.dispatchEvent(new MessageEvent('message', { data: message }))),
      messages,
    );
  }

  async snapshot(
    messages: readonly Message[],
    options: {
      readonly header?: Partial<Header>;
      readonly from?: number;
      readonly total?: number;
      readonly draft?: string;
      readonly sessionId?: string;
      readonly away?: Away;
    } = {},
  ): Promise<void> {
    this.#epoch += 1;
    this.#seq = 0;
    await this.send({
      type: 'snapshot',
      sessionId: options.sessionId ?? 'session-1',
      epoch: this.#epoch,
      seq: 0,
      total: options.total ?? messages.length,
      from: options.from ?? (options.total === undefined ? 0 : options.total - messages.length),
      messages,
      header: { ...quietHeader, ...options.header },
      draft: options.draft ?? '',
      ...(options.away === undefined ? {} : { away: options.away }),
    });
    await this.settle();
  }

  /** Sends operations as one patch; does not wait until they are shown. */
  async patch(...ops: readonly Op[]): Promise<void> {
    this.#seq += 1;
    await this.send({ type: 'patch', epoch: this.#epoch, seq: this.#seq, ops });
  }

  /** Loses a patch on the way. */
  losePatch(): void {
    this.#seq += 1;
  }

  async pageOf(from: number, messages: readonly Message[]): Promise<void> {
    await this.send({ type: 'page', epoch: this.#epoch, from, messages });
    await this.settle();
  }

  async pageFailed(before: number, message: string): Promise<void> {
    await this.send({ type: 'pageFailed', epoch: this.#epoch, before, message });
    await this.settle();
  }

  async header(patch: Partial<Header>): Promise<void> {
    await this.patch(['header', patch]);
    await this.settle();
  }

  /** Resolves when what was sent is in the document. */
  async settle(): Promise<void> {
    await this.page.evaluate(
      () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
    );
  }

  posted(): Promise<WebviewMessage[]> {
    return this.page.evaluate(() => (window as unknown as PanelWindow).posted);
  }

  async postedOf<T extends WebviewMessage['type']>(type: T): Promise<Extract<WebviewMessage, { type: T }>[]> {
    const all = await this.posted();
    return all.filter((message): message is Extract<WebviewMessage, { type: T }> => message.type === type);
  }

  /** What attacks managed to call. */
  executed(): Promise<unknown[]> {
    return this.page.evaluate(() => (window as unknown as PanelWindow).executed);
  }

  nodeCount(): Promise<number> {
    return this.page.evaluate(() => document.querySelectorAll('*').length);
  }

  get scroller(): ReturnType<Page['locator']> {
    return this.page.getByRole('log');
  }

  /** Pixels between what is seen and the end. */
  distanceToEnd(): Promise<number> {
    return this.scroller.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: path.join(screenshots, `webview-${name}.png`) });
  }
}

export const quietHeader: Header = {
  name: 'Fix the flaky test',
  runtime: 'claude-code',
  runtimeName: 'Claude Code',
  model: 'claude-sonnet-5',
  mode: 'ask',
  state: 'idle',
  status: 'Ready',
  queued: [],
  pending: [],
  commands: ['compact', 'review', 'init', 'security-review'],
};

export const startBrowser: () => Promise<Browser> = launchBrowser;
