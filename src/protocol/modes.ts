import { t } from '../base/l10n.ts';
import type { ApprovalMode } from './view.ts';

/** From the one that allows least to the one that allows most. */
export const approvalModes: readonly ApprovalMode[] = ['plan', 'ask', 'acceptEdits', 'auto'];

/** Those that a key goes through; `auto` is chosen by name, and confirmed. */
const cycle: readonly ApprovalMode[] = ['plan', 'ask', 'acceptEdits'];

/** The mode after this one; after the last, and after `auto`, the first. */
export function nextMode(mode: ApprovalMode): ApprovalMode {
  return cycle[(cycle.indexOf(mode) + 1) % cycle.length] ?? 'ask';
}

export function modeLabel(mode: ApprovalMode): string {
  switch (mode) {
    case 'plan':
      return t('Plan');
    case 'ask':
      return t('Ask');
    case 'acceptEdits':
      return t('Accept edits');
    case 'auto':
      return t('Auto');
  }
}

export function modeInWords(mode: ApprovalMode): string {
  switch (mode) {
    case 'plan':
      return t('Plan: reads and plans, changes nothing until you approve the plan.');
    case 'ask':
      return t('Ask: reads freely, asks before it edits a file or runs a command.');
    case 'acceptEdits':
      return t('Accept edits: edits files in the folder without asking, asks before it runs a command.');
    case 'auto':
      return t('Auto: does everything without asking, but for protected files and what cannot be told.');
  }
}
