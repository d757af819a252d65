import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { claudeCli } from '../integration/claudeCode/harness.ts';
import { cleanClaudeEnv } from '../modelServer/cleanClaudeEnv.ts';
import { type ModelServer, startModelServer } from '../modelServer/modelServer.ts';
import { say } from '../modelServer/steps.ts';
import { Workbench, type WorkbenchOptions } from './workbench.ts';

const root = path.resolve(import.meta.dirname, '..', '..');

/** The texts of a display language: of the source by the English sentence, of the manifest by its key. */
class Texts {
  readonly #sentences: Readonly<Record<string, string>>;
  readonly #manifest: Readonly<Record<string, string>>;

  constructor(locale: string | undefined) {
    const read = (name: string): Record<string, string> => JSON.parse(readFileSync(path.join(root, name), 'utf8'));
    this.#sentences = locale === undefined ? {} : read(`l10n/bundle.l10n.${locale}.json`);
    this.#manifest = read(locale === undefined ? 'package.nls.json' : `package.nls.${locale}.json`);
  }

  sentence(english: string): string {
    return this.#sentences[english] ?? english;
  }

  /** A command as the palette names it. */
  command(name: string): string {
    return `Greenroom: ${this.#manifest[`commands.${name}`] ?? name}`;
  }
}

/** A workbench whose agent is the pinned CLI, and whose model plays a script. */
export class AgentWorkbench {
  readonly workbench: Workbench;
  readonly model: ModelServer;
  readonly folder: string;
  readonly texts: Texts;
  /** What the agent is given, wherever it is started. */
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;

  private constructor(
    workbench: Workbench,
    model: ModelServer,
    env: Readonly<Record<string, string>>,
    home: string,
    folder: string,
    texts: Texts,
  ) {
    this.workbench = workbench;
    this.texts = texts;
    this.model = model;
    this.env = env;
    this.home = home;
    this.folder = folder;
  }

  /** `files`: names and contents of the project that is opened. */
  static async start(
    files: Readonly<Record<string, string>>,
    { projectName = 'project', ...options }: WorkbenchOptions & { readonly projectName?: string } = {},
  ): Promise<AgentWorkbench> {
    const home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'aw-')));
    const [folder, tmp] = [path.join(home, projectName), path.join(home, 't')];
    mkdirSync(tmp);
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), content);
    }
    const model = await startModelServer({ steps: [{ reply: [say('nothing was scripted')] }] });
    const env = cleanClaudeEnv({ home, tmp, url: model.url });
    try {
      const workbench = await Workbench.start({
        ...options,
        folder,
        settings: {
          'greenroom.runtimes.claudeCode.command': claudeCli(),
          'greenroom.runtimes.anthropic.baseUrl': model.url,
          ...options.settings,
        },
        env: { ...env, ...options.env },
      });
      return new AgentWorkbench(workbench, model, env, home, folder, new Texts(options.locale));
    } catch (error) {
      await model.close();
      rmSync(home, { recursive: true, force: true });
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.workbench.stop();
    await this.model.close();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  /** Shows the chat's view, ready to be written in. */
  async openChat(): Promise<FrameLocator> {
    const chat = this.workbench.chat();
    // A command that comes while the workbench still arranges its views has no effect there: then it is given again.
    for (let attempt = 1; ; attempt++) {
      await this.workbench.runCommand(this.texts.command('openChat'));
      try {
        await this.#messageBox(chat).waitFor({ timeout: 10_000 });
        break;
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
    return chat;
  }

  /** Puts a new session on stage, ready to be told something: what is written earlier is for the one before. */
  async newSession(chat: FrameLocator): Promise<void> {
    await this.workbench.runCommand(this.texts.command('newSession'));
    await chat.getByText(this.texts.sentence('What shall we work on?')).waitFor();
  }

  /** Without the mouse: a notification may lie over the composer. */
  async send(chat: FrameLocator, text: string): Promise<void> {
    const box = this.#messageBox(chat);
    await box.fill(text);
    await box.press('Enter');
  }

  #messageBox(chat: FrameLocator): Locator {
    return chat.getByRole('textbox', { name: this.texts.sentence('Message') });
  }
}
