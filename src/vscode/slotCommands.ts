import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { ageInWords } from '../core/age.ts';
import { bgDroppedText, bgMovedText } from '../core/bgCommand.ts';
import type { Clock } from '../core/ports.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import type { ChatViews } from './chatViews.ts';
import { stateText } from './stateText.ts';

export interface SlotCommandDeps {
  readonly manager: SessionManager;
  readonly chat: ChatViews;
  readonly clock: Clock;
}

/** A slot's number, a session's id, or nothing: then the person is asked. */
type SlotTarget = number | string | undefined;

/** The moves of `/bg` as commands. `targetOf` reads what a menu or a caller gave. */
export function registerSlotCommands(
  { manager, chat, clock }: SlotCommandDeps,
  register: (name: string, run: (argument: unknown) => unknown) => void,
  targetOf: (argument: unknown) => SlotTarget,
): void {
  const choose = async (placeHolder: string): Promise<string | undefined> => {
    const slots = manager.placed().filter(({ place }) => place === 'background');
    if (slots.length === 0) {
      say(t('No background sessions.'));
      return undefined;
    }
    const items = slots.map((info) => ({
      label: `#${info.slot} ${info.summary}`,
      description: [stateText(info), ageInWords(info.createdAt, clock.now()), info.shortId].join(' · '),
      id: info.id,
    }));
    return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.id;
  };
  const resume = async (target: SlotTarget): Promise<void> => {
    const chosen = target ?? (await choose(t('Which session comes back on stage?')));
    if (chosen !== undefined) {
      await manager.resume(chosen);
      await chat.open();
    }
  };
  register('moveToBackground', async () => {
    const moved = await manager.moveToBackground();
    say(bgMovedText(manager.foregroundId ?? '', moved).replace('\n', ' · '));
    return moved.slot;
  });
  register('listBackground', () => resume(undefined));
  register('resumeSlot', (argument) => resume(targetOf(argument)));
  register('dropSlot', async (argument) => {
    const chosen =
      targetOf(argument) ?? (await choose(t('Which session is to be dropped? It stays among the stored ones.')));
    if (chosen !== undefined) {
      const slot = manager.placed().find((info) => info.slot === chosen || info.id === chosen)?.slot;
      const dropped = await manager.drop(chosen);
      say(bgDroppedText(slot ?? 0, dropped.id));
    }
  });
  register('nextNeedsYou', async () => {
    const placed = manager.placed().filter((info) => info.attention.includes('needsApproval'));
    const next = placed.find((info) => info.place === 'background') ?? placed[0];
    if (next === undefined) {
      say(t('No session needs you.'));
      return;
    }
    await manager.open(next.id);
    await chat.open();
  });
}

/** For a moment, where it does not have to be clicked away. */
function say(text: string): void {
  vscode.window.setStatusBarMessage(text, 6_000);
}
