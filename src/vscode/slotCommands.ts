import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { ageInWords } from '../core/age.ts';
import { nextNeedingYou } from '../core/attention.ts';
import { bgDroppedText, bgMovedText } from '../core/bgCommand.ts';
import type { Clock } from '../core/ports.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { stateInWords } from '../core/stateText.ts';
import type { ChatViews } from './chatViews.ts';
import { sessionIcon } from './sessionIcon.ts';

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
    say(bgMovedText(manager.foregroundId ?? '', moved, clock.now()).replace('\n', ' · '));
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
    const next = nextNeedingYou(manager.active());
    if (next === undefined) {
      say(t('No session needs you.'));
      return;
    }
    await manager.open(next.id);
    await chat.open();
  });
}

/** `$(name)` in a label would be drawn as an icon. */
function plainLabel(text: string): string {
  return text.replaceAll('$(', String.raw`\$(`);
}

/** For a moment, where it does not have to be clicked away. */
function say(text: string): void {
  vscode.window.setStatusBarMessage(text, 6_000);
}
