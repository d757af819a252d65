import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { GreenroomApi } from '../../src/vscode/greenroomApi.ts';
import { cleanClaudeEnv } from '../modelServer/cleanClaudeEnv.ts';
import { type ModelServer, startModelServer } from '../modelServer/modelServer.ts';
import { say } from '../modelServer/steps.ts';

const claudeSettings = ['command', 'env'] as const;

export async function activateGreenroom(): Promise<GreenroomApi> {
  const extension = vscode.extensions.getExtension<GreenroomApi>('greenroom.greenroom');
  if (extension === undefined) {
    throw new Error('greenroom.greenroom is not installed');
  }
  return extension.activate();
}

/** The pinned CLI, configured by the person's settings to talk to a scripted model only. */
export class AgentStage {
  readonly api: GreenroomApi;
  readonly model: ModelServer;
  readonly folder: string;
  readonly #home: string;

  private constructor(api: GreenroomApi, model: ModelServer, home: string, folder: string) {
    this.api = api;
    this.model = model;
    this.#home = home;
    this.folder = folder;
  }

  static async create(): Promise<AgentStage> {
    const api = await activateGreenroom();
    const command = process.env['GREENROOM_CLAUDE'];
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    if (command === undefined || folder === undefined) {
      throw new Error('the runner names no CLI, or opened no folder');
    }
    const home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'as-')));
    const tmp = path.join(home, 't');
    mkdirSync(tmp);
    const model = await startModelServer({ steps: [{ reply: [say('nothing was scripted')] }] });
    const stage = new AgentStage(api, model, home, folder);
    // What earlier suites have left in the slots.
    for (const { id, place } of api.sessions()) {
      if (place === 'background') {
        await api.drop(id);
      }
    }
    await stage.set('runtimes.claudeCode.command', command);
    await stage.set('runtimes.claudeCode.env', cleanClaudeEnv({ home, tmp, url: model.url }));
    return stage;
  }

  async set(key: string, value: unknown): Promise<void> {
    await vscode.workspace.getConfiguration('greenroom').update(key, value, vscode.ConfigurationTarget.Global);
  }

  /** Ends every session, so that no process of the stage is left. */
  async close(): Promise<void> {
    for (const key of claudeSettings) {
      await this.set(`runtimes.claudeCode.${key}`, undefined);
    }
    await this.model.close();
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
