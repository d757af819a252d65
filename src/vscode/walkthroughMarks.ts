import * as vscode from 'vscode';
import { type Disposable, DisposableStore, MutableDisposable } from '../base/lifecycle.ts';
import type { Clock } from '../core/ports.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import type { AgentWatch } from './agentWatch.ts';

type Step = 'agent' | 'chat' | 'decide' | 'background';

/** After a page was opened that may be the walkthrough: its steps are known at once, or after the 5 s that others may take. */
const looksMs = [1_000, 7_000];

/**
 * Checks off the steps of the walkthrough by what has been done, with a context key `greenroom.done.<step>` each. The
 * workbench learns the steps when it first shows a walkthrough. Of what came before it counts nothing, and a key that is
 * true then it never looks at again in this window: so a key comes true for a moment only, whenever it could be seen.
 */
export class WalkthroughMarks implements Disposable {
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  readonly #looks = new MutableDisposable<DisposableStore>();
  readonly #done = new Set<Step>();

  constructor(manager: SessionManager, agents: AgentWatch, clock: Clock) {
    this.#clock = clock;
    this.#store.add(this.#looks);
    this.#store.add(
      agents.onDidChange(() => {
        if (agents.isReady) {
          this.#mark('agent');
        }
      }),
    );
    this.#store.add(
      manager.onDidAppend(({ events }) => {
        for (const { event } of events) {
          if (event.type === 'userMessage') {
            this.#mark('chat');
          } else if (event.type === 'approvalDecided') {
            this.#mark('decide');
          }
        }
      }),
    );
    this.#store.add(
      manager.onDidChange(() => {
        if (manager.placed().some(({ place }) => place === 'background')) {
          this.#mark('background');
        }
      }),
    );
    this.#store.add(
      vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
        // The walkthrough is one of the pages that have no input an extension could know.
        if ([...opened, ...changed].some(({ input }) => input === undefined)) {
          this.#lookSoon();
        }
      }),
    );
    this.#lookSoon();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #lookSoon(): void {
    const looks = new DisposableStore();
    this.#looks.value = looks;
    for (const delayMs of looksMs) {
      looks.add(
        this.#clock.after(delayMs, () => {
          for (const step of this.#done) {
            pulse(step);
          }
        }),
      );
    }
  }

  #mark(step: Step): void {
    if (!this.#done.has(step)) {
      this.#done.add(step);
      pulse(step);
    }
  }
}

function pulse(step: Step): void {
  for (const value of [true, false]) {
    vscode.commands.executeCommand('setContext', `greenroom.done.${step}`, value).then(undefined, () => undefined);
  }
}
