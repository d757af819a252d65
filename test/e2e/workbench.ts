import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { installVsix, startServer, type Server } from '../../scripts/lib/codeServer.mjs';
import { createSampleFolder } from '../../scripts/lib/sampleFolder.mjs';
import { installExtension } from '../../scripts/lib/stage.mjs';
import { openWorkbenchPage } from '../../scripts/lib/workbenchPage.mjs';

const extensionId = 'greenroom.greenroom';
/** A busy machine needs up to 13 s until an extension is active. */
const readyTimeoutMs = 60_000;
const screenshotsDir = path.join(import.meta.dirname, 'screenshots-out');

const themes = {
  light: { id: 'Light Modern', label: 'Light Modern', cssClass: 'vs' },
  dark: { id: 'Dark Modern', label: 'Dark Modern', cssClass: 'vs-dark' },
  highContrast: { id: 'Default High Contrast', label: 'Dark High Contrast', cssClass: 'hc-black' },
  highContrastLight: { id: 'Default High Contrast Light', label: 'Light High Contrast', cssClass: 'hc-light' },
};

export interface WorkbenchOptions {
  /** The folder to open; without one a throw-away git repository made from sample/. */
  readonly folder?: string;
  /** A package to install; without one the build in dist/ is laid out as it would be installed. */
  readonly vsix?: string;
  /** Whether workspace trust asks: the folder then opens in Restricted Mode. Default: every folder is trusted. */
  readonly trust?: boolean;
  /** Such as `zh-cn`. */
  readonly locale?: string;
  readonly theme?: keyof typeof themes;
  /** User settings, on top of quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Added for the extension host, where HOME and TMPDIR are throw-away folders unless named here. */
  readonly env?: Readonly<Record<string, string>>;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Device pixels per pixel. */
  readonly scale?: number;
}

type OpenPage = Awaited<ReturnType<typeof openWorkbenchPage>>;

/** A real workbench with the built extension installed in it: start it once per test file, stop it at the end. */
export class Workbench {
  readonly folder: string;
  readonly server: Server;
  readonly #temporary: string;
  readonly #viewport: { width: number; height: number };
  #open: OpenPage;

  private constructor(
    server: Server,
    open: OpenPage,
    folder: string,
    temporary: string,
    viewport: { width: number; height: number },
  ) {
    this.server = server;
    this.folder = folder;
    this.#open = open;
    this.#temporary = temporary;
    this.#viewport = viewport;
  }

  static async start(options: WorkbenchOptions = {}): Promise<Workbench> {
    const temporary = mkdtempSync(path.join(os.tmpdir(), 'wb-'));
    let server: Server | undefined;
    try {
      const folder = options.folder ?? createSampleFolder(path.join(temporary, 'sample'));
      const extensionsDir = path.join(temporary, 'ext');
      if (options.vsix === undefined) installExtension(extensionsDir);
      else installVsix(options.vsix, { extensionsDir, userDataDir: path.join(temporary, 'ud') });
      server = await startServer({
        extensionsDir,
        trust: options.trust ?? false,
        settings: { 'workbench.colorTheme': themes[options.theme ?? 'dark'].id, ...options.settings },
        env: { ...options.env },
        ...(options.locale === undefined ? {} : { locale: options.locale }),
      });
      const viewport = { width: 1280, height: 800, ...options.viewport };
      const open = await openWorkbenchPage(server.origin, { folder, viewport, scale: options.scale ?? 1 });
      const workbench = new Workbench(server, open, folder, temporary, viewport);
      await workbench.ready();
      return workbench;
    } catch (error) {
      await server?.stop();
      rmSync(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  /** Closes the browser, ends the server with everything that it started, and removes what was written. */
  async stop(): Promise<void> {
    await this.#open.browser.close();
    await this.server.stop();
    rmSync(this.#temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  get page(): Page {
    return this.#open.page;
  }

  /** Resolves when the workbench is drawn and its extensions have started. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor({ timeout: readyTimeoutMs });
    await this.page.locator('.part.statusbar').waitFor({ timeout: readyTimeoutMs });
    await this.activityItem('Greenroom').waitFor({ timeout: readyTimeoutMs });
  }

  /** Loads the window anew: the extension is deactivated and activated again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Kills the browser and opens the folder in a new one: the old extension host may live on for a while. */
  async reopen(userAgent?: string): Promise<void> {
    await this.#open.browser.close();
    this.#open = await openWorkbenchPage(this.server.origin, {
      folder: this.folder,
      viewport: this.#viewport,
      ...(userAgent === undefined ? {} : { userAgent }),
    });
    await this.ready();
  }

  /** A second window on the same folder, in a browser of its own; `closeWindow` closes it. */
  async openSecondWindow(): Promise<Workbench> {
    const open = await openWorkbenchPage(this.server.origin, { folder: this.folder, viewport: this.#viewport });
    const second = new Workbench(this.server, open, this.folder, this.#temporary, this.#viewport);
    await second.ready();
    return second;
  }

  async closeWindow(): Promise<void> {
    await this.#open.browser.close();
  }

  /** Changes settings of the running workbench, which sees it within a second or two. */
  changeSettings(changes: Readonly<Record<string, unknown>>): void {
    // The workbench copies some settings, the theme among them, to the machine's file, where they win over the user's.
    for (const scope of ['User', 'Machine']) {
      const file = path.join(this.server.userDataDir, scope, 'settings.json');
      const present = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify({ ...present, ...changes }, undefined, 2));
    }
  }

  /** Changes the theme as a user does, while everything goes on. */
  async setTheme(theme: keyof typeof themes): Promise<void> {
    const { label, cssClass } = themes[theme];
    await this.runCommand('Preferences: Color Theme');
    await this.quickInput().fill(label);
    await this.quickPickRows(label).first().click();
    await this.page.locator(`.monaco-workbench.${cssClass}`).waitFor();
  }

  /** Runs a command through the palette, by its title with category, such as `Greenroom: New Session`. */
  async runCommand(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget:visible input.input').first();
    // The whole title: what was used last comes first, and in "Open Chat in Editor" the part "Open Chat" is an element.
    const whole = new RegExp(`^${title.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)}$`);
    const name = this.page.locator('.label-name').filter({ hasText: whole });
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ has: name }).first();
    // A view that is just being restored takes the focus, and with it the palette away: then it is opened again.
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('F1');
      try {
        await input.fill(`>${title}`, { timeout: 5_000 });
        await row.click({ timeout: 5_000 });
        return;
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
  }

  /** The input of an open quick pick or input box. */
  quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible input.input').first();
  }

  /** The entries of an open quick pick, or those that contain a text. */
  quickPickRows(text?: string): Locator {
    const rows = this.page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row');
    return text === undefined ? rows : rows.filter({ hasText: text });
  }

  activityItem(name: string): Locator {
    return this.page
      .locator('.activitybar .action-item', { has: this.page.locator(`a[aria-label^="${name}"]`) })
      .first();
  }

  /** The number on a container's icon. */
  badge(name: string): Locator {
    return this.activityItem(name).locator('.badge-content');
  }

  /** Shows a container of the activity bar in the side bar. */
  async openContainer(name: string): Promise<void> {
    const item = this.activityItem(name);
    await item.waitFor();
    const title = this.page.locator('.part.sidebar .composite.title').filter({ hasText: name });
    // A workbench that restores its views may have opened it by now: a click closes it then, and the next opens it.
    for (let attempt = 1; !(await title.isVisible()); attempt++) {
      if (!(await item.getAttribute('class'))?.includes('checked')) await item.click();
      try {
        await title.waitFor({ timeout: 3_000 });
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  }

  /** The rows of the trees in the side bar, or those that contain a text. */
  treeRows(text?: string): Locator {
    const rows = this.page.locator('.part.sidebar .pane .monaco-list-row');
    return text === undefined ? rows : rows.filter({ hasText: text });
  }

  /** A status bar item by its visible text. */
  statusItem(text: string | RegExp): Locator {
    return this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text }).first();
  }

  /** A notification toast by its text; its buttons are `.getByRole('button', { name })` of it. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text }).first();
  }

  /** A dialog that covers the workbench. */
  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** The chat's own document: in the view of a side bar, or in an editor tab. */
  chat(place: 'view' | 'editor' = 'view'): FrameLocator {
    const ours = `iframe.webview[src*="extensionId=${extensionId}"]`;
    const inView = '[src*="purpose=webviewView"]';
    return this.page
      .frameLocator(place === 'view' ? `${ours}${inView}` : `${ours}:not(${inView})`)
      .frameLocator('iframe#active-frame');
  }

  /** Writes a picture below test/e2e/screenshots-out and returns its path. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(screenshotsDir, { recursive: true });
    const file = path.join(screenshotsDir, `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }
}
