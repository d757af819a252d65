import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { AgentDetection } from '../core/agentDetection.ts';
import { agentNotice, nameWithVersion } from '../core/agentNotice.ts';
import { coreErrors } from '../core/errors.ts';
import type { RuntimeKind } from '../core/runtime.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import type { AgentNotice } from '../protocol/messages.ts';
import { runInTerminal } from './actions.ts';
import type { Problems } from './problems.ts';

export interface AgentWatchDeps {
  readonly manager: SessionManager;
  readonly detection: AgentDetection;
  readonly problems: Problems;
  readonly kinds: readonly RuntimeKind[];
  /** The kind of a session, or the one of new sessions. */
  readonly kindOf: (runtime: string) => RuntimeKind;
  readonly defaultRuntime: () => string;
  readonly onDidChangeKeys: vscode.Event<void>;
}

/**
 * Which agent a new session would have, and whether it can work. Looks only once somebody has asked, and again when
 * settings or trust change, when the person comes back to a window that lacks an agent, and on demand.
 */
export class AgentWatch implements Disposable {
  readonly #deps: AgentWatchDeps;
  readonly #store = new DisposableStore();
  readonly #changed: vscode.EventEmitter<void>;
  #isWanted = false;

  constructor(deps: AgentWatchDeps) {
    this.#deps = deps;
    this.#changed = this.#store.add(new vscode.EventEmitter<void>());
    const { detection, manager, problems } = deps;
    const forget = (): void => {
      detection.forget();
      this.#tell();
      if (this.#isWanted) {
        this.look();
      }
    };
    this.#store.add(detection.onDidChange(() => this.#tell()));
    this.#store.add(manager.onDidStage(() => this.#tell()));
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (
          event.affectsConfiguration('greenroom.runtimes') ||
          event.affectsConfiguration('greenroom.defaultRuntime')
        ) {
          forget();
        }
      }),
    );
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(forget));
    this.#store.add(deps.onDidChangeKeys(forget));
    this.#store.add(
      vscode.window.onDidChangeWindowState(({ focused }) => {
        const kind = this.#kind();
        if (focused && this.#isWanted && kind !== undefined && detection.known(kind)?.problem !== undefined) {
          this.look();
        }
      }),
    );
    this.#store.add(
      vscode.commands.registerCommand('greenroom.checkAgents', () => problems.guard(() => this.#checkAll())),
    );
    this.#store.add(vscode.commands.registerCommand('greenroom.logIn', () => problems.guard(() => this.#logIn())));
  }

  get onDidChange(): vscode.Event<void> {
    return this.#changed.event;
  }

  /** It was asked, and a turn can be tried. */
  get isReady(): boolean {
    const kind = this.#kind();
    return kind !== undefined && this.#deps.detection.known(kind)?.state === 'ready';
  }

  /** Looks for the agent unless it is known; the answer comes as a change. */
  look(): void {
    this.#isWanted = true;
    const kind = this.#kind();
    if (kind !== undefined) {
      this.#deps.problems.guard(() => this.#deps.detection.ensure(kind));
    }
  }

  /** What an empty chat says; undefined: there is nothing that could be missing. */
  notice(): AgentNotice | undefined {
    if (this.#deps.manager.foregroundId === undefined) {
      const { message, actions } = coreErrors.noFolder().info;
      return { level: 'bad', title: message, details: [], actions };
    }
    const kind = this.#kind();
    return kind?.probe === undefined ? undefined : agentNotice(kind.displayName, this.#deps.detection.known(kind));
  }

  /** Such as `Claude Code 2.1.197`, where it was found. */
  label(): string | undefined {
    const kind = this.#kind();
    const probe = kind === undefined ? undefined : this.#deps.detection.known(kind);
    return kind === undefined || probe?.path === undefined ? undefined : nameWithVersion(kind.displayName, probe);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #kind(): RuntimeKind | undefined {
    const { manager, kindOf, defaultRuntime } = this.#deps;
    const { foregroundId } = manager;
    const runtime = foregroundId === undefined ? undefined : manager.info(foregroundId)?.runtime;
    try {
      return kindOf(runtime ?? defaultRuntime());
    } catch {
      // A session of a kind that this version does not know, or a setting that names none.
      return undefined;
    }
  }

  #tell(): void {
    const kind = this.#kind();
    const state = kind === undefined ? undefined : this.#deps.detection.known(kind)?.state;
    const set = (key: string, value: string | undefined): void =>
      void vscode.commands.executeCommand('setContext', key, value).then(undefined, () => undefined);
    set('greenroom.agent', kind?.id);
    set('greenroom.agentState', state);
    this.#changed.fire();
  }

  async #checkAll(): Promise<void> {
    const { kinds, detection } = this.#deps;
    this.#isWanted = true;
    const searched = kinds.filter((kind) => kind.probe !== undefined);
    const probes = await vscode.window.withProgress(
      { location: { viewId: 'greenroom.sessions' }, title: t('Looking for agents') },
      () => Promise.all(searched.map((kind) => detection.refresh(kind))),
    );
    this.#tell();
    const sentences = searched.map((kind, index) => {
      const probe = probes[index];
      return probe?.problem === undefined && probe?.path !== undefined
        ? t('{0}: {1}', nameWithVersion(kind.displayName, probe), probe.path)
        : (probe?.problem?.message ?? kind.displayName);
    });
    vscode.window.setStatusBarMessage(sentences.join(' · '), 10_000);
  }

  #logIn(): void {
    const [own, other] = [this.#kind(), this.#deps.kinds.find((kind) => kind.terminal !== undefined)];
    const kind = own?.terminal === undefined ? other : own;
    runInTerminal(t('Log in'), kind?.terminal?.login, undefined);
  }
}
