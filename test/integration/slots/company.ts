import { mkdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { Session } from '../../../src/core/session.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { ChatPanel } from '../../support/chatPanel.ts';
import { createHeadless } from '../../host/headless.ts';
import { cleanClaudeEnv } from '../../modelServer/cleanClaudeEnv.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import type { ModelRequest, Step } from '../../modelServer/steps.ts';
import { claudeCli, processesWith, Stage } from '../claudeCode/harness.ts';

/** What a session is told, so that everything said in it can be told apart. */
const noncePattern = /nonce-[a-z0-9]+/;

export function promptOf(nonce: string): string {
  return `Write about ${nonce}.`;
}

/** Text that names its nonce in every line, in characters of one to four bytes. */
export function textOf(nonce: string, lines: number): string {
  return Array.from({ length: lines }, (_, index) => `${nonce}, line ${index}: ünï©ode 猫 🐈 \`code\``).join('\n');
}

/** The nonce of the conversation that a request belongs to. */
export function nonceOf(request: ModelRequest): string {
  return noncePattern.exec(JSON.stringify(request.body.messages))?.[0] ?? 'nobody';
}

/** What the assistant said in a session, from first to last. */
export function saidIn(session: Session): string {
  return session.model.view.messages
    .filter(({ role }) => role === 'assistant')
    .flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')))
    .join('');
}

/** A window without an editor, whose agents are the real CLI and talk to a scripted model. */
export class Company {
  readonly stage: Stage;
  readonly model: ModelServer;
  readonly host: ReturnType<typeof createHeadless>;
  readonly panel: ChatPanel;

  private constructor(stage: Stage, model: ModelServer, host: ReturnType<typeof createHeadless>) {
    this.stage = stage;
    this.model = model;
    this.host = host;
    this.panel = new ChatPanel({ manager: host.manager, clock: systemClock });
  }

  static async open(answer: (request: ModelRequest) => Step): Promise<Company> {
    const stage = new Stage();
    const model = await startModelServer({ steps: [answer] });
    const host = openHost(stage, model);
    await host.manager.restore();
    return new Company(stage, model, host);
  }

  get manager() {
    return this.host.manager;
  }

  /** Another window on the same sessions, after this one was closed. */
  async reopen(): Promise<ReturnType<typeof createHeadless>> {
    const host = openHost(this.stage, this.model);
    await host.manager.restore();
    return host;
  }

  /** A panel that shows this session from now on. */
  watch(session: Session): ChatPanel {
    return new ChatPanel({ manager: this.manager, clock: systemClock, pinned: session });
  }

  /** A folder of its own for one session. */
  folder(name: string): string {
    const folder = path.join(this.stage.work, name);
    mkdirSync(folder);
    return folder;
  }

  /** Pids of everything that was started for an agent, however deep; only those in `folder` if one is given. */
  processes(folder?: string): readonly number[] {
    const pids = processesWith(this.stage.home);
    return folder === undefined ? pids : pids.filter((pid) => folderOf(pid) === folder);
  }

  async close(): Promise<void> {
    this.panel.dispose();
    await this.manager.close();
    await this.model.close();
    this.stage.remove();
  }
}

function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

function openHost(stage: Stage, model: ModelServer): ReturnType<typeof createHeadless> {
  return createHeadless({
    root: path.join(stage.root, 'store'),
    cwd: stage.work,
    command: claudeCli(),
    env: cleanClaudeEnv({ home: stage.home, tmp: stage.tmp, url: model.url }),
  });
}
