import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { ageInWords } from '../core/age.ts';
import { nextNeedingYou } from '../core/attention.ts';
import { bgDroppedText, bgMovedText } from '../core/bgCommand.ts';
import type { Clock } from '../core/ports.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { stateInWords } from '../core/stateText.ts';
import type { ChatViews } from './chatViews.ts';
import { givenSession } from './givenSession.ts';
import { sessionIcon } from './sessionIcon.ts';

export interface SlotCommandDeps {
  readonly manager: SessionManager;
  readonly chat: ChatViews;
  readonly clock: Clock;
}

/** A slot's number, a session's id, or nothing: then the person is asked. */
type SlotTarget = number | string | undefined;

/** The moves of `/bg` as commands. Loaded with the first of them. */
export class SlotCommands {
  readonly #deps: SlotCommandDeps;

  constructor(deps: SlotCommandDeps) {
    this.#deps = deps;
  }

  async moveToBackground(): Promise<number | undefined> {
    const { manager, clock } = this.#deps;
    const moved = await manager.moveToBackground();
    say(bgMovedText(manager.foregroundId ?? '', moved, clock.now()).replace('\n', ' · '));
    return moved.slot;
  }

  listBackground(): Promise<void> {
    return this.#resume(undefined);
  }

  resumeSlot(argument: unknown): Promise<void> {
    return this.#resume(targetOf(argument));
  }

  async dropSlot(argument: unknown): Promise<void> {
    const { manager } = this.#deps;
    const chosen =
      targetOf(argument) ?? (await this.#choose(t('Which session is to be dropped? It stays among the stored ones.')));
    if (chosen !== undefined) {
      const slot = manager.placed().find((info) => info.slot === chosen || info.id === chosen)?.slot;
      const dropped = await manager.drop(chosen);
      say(bgDroppedText(slot ?? 0, dropped.id));
    }
  }

  async nextNeedsYou(): Promise<void> {
    const { manager, chat } = this.#deps;
    const next = nextNeedingYou(manager.active());
    if (next === undefined) {
      say(t('No session needs you.'));
      return;
    }
    await manager.open(next.id);
    await chat.open();
  }

  async #resume(target: SlotTarget): Promise<void> {
    const { manager, chat } = this.#deps;
    const chosen = target ?? (await this.#choose(t('Which session comes back on stage?')));
    if (chosen !== undefined) {
      await manager.resume(chosen);
      await chat.open();
    }
  }

  async #choose(placeHolder: string): Promise<string | undefined> {
    const { manager, clock } = this.#deps;
    const slots = manager.placed().filter(({ place }) => place === 'background');
    if (slots.length === 0) {
      say(t('No background sessions.'));
      return undefined;
    }
    const now = clock.now();
    const items = slots.map((info) => ({
      label: `#${info.slot} ${plainLabel(info.summary)}`,
      description: [info.shortId, stateInWords(info, now), ageInWords(info.createdAt, now)].join(' · '),
      iconPath: sessionIcon(info),
      id: info.id,
    }));
    return (
      await vscode.window.showQuickPick(items, {
        title: t('Background Sessions'),
        placeHolder,
        matchOnDescription: true,
      })
    )?.id;
  }
}

function targetOf(argument: unknown): SlotTarget {
  return typeof argument === 'number' ? argument : givenSession(argument);
}

/** `$(name)` in a label would be drawn as an icon. */
function plainLabel(text: string): string {
  return text.replaceAll('$(', String.raw`\$(`);
}

/** For a moment, where it does not have to be clicked away. */
function say(text: string): void {
  vscode.window.setStatusBarMessage(text, 6_000);
}
