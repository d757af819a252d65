import * as vscode from 'vscode';
import { GreenroomError, messageOf } from '../base/errors.ts';
import { isRecord } from '../base/json.ts';
import { t } from '../base/l10n.ts';
import { action } from '../core/errors.ts';
import { approvalModes } from '../protocol/modes.ts';
import type { ApprovalMode } from '../protocol/view.ts';

/** A setting that has a value of the wrong kind: which, what was expected, what was found. */
function badSetting(key: string, expected: string, found: unknown): GreenroomError {
  const shown = (JSON.stringify(found) ?? String(found)).slice(0, 80);
  return new GreenroomError({
    code: 'badSetting',
    message: t("The setting 'greenroom.{0}' is not valid: expected {1}, found {2}.", key, expected, shown),
    actions: [action.openSettings(`greenroom.${key}`)],
  });
}

/**
 * Reads Greenroom's settings. A value of the wrong kind throws `badSetting`: a run does not start on a guess. What names
 * a command, a mode, an environment or an address is taken from the person's own settings only, whatever a workspace says.
 */
export const config = {
  defaultRuntime: () => text('defaultRuntime'),
  maxSlots: () => wholeNumber('slots.max', 1, 64),
  approvalMode: () => ownChoice<ApprovalMode>('approvals.mode', approvalModes),
  approvalAllow: () => ownTexts('approvals.allow'),
  approvalDeny: () => ownTexts('approvals.deny'),
  inactivityTimeoutSeconds: () => wholeNumber('inactivityTimeoutSeconds', 0, 86_400),
  shellsMaxRunning: () => wholeNumber('shells.maxRunning', 1, 64),
  shellsMaxRetained: () => wholeNumber('shells.maxRetained', 1, 256),
  shellsUnreadLimitBytes: () => wholeNumber('shells.unreadLimitBytes', 4_096, 16_777_216),
  shellsDefaultTimeoutSeconds: () => wholeNumber('shells.defaultTimeoutSeconds', 1, 86_400),
  shellsKillGraceMs: () => wholeNumber('shells.killGraceMs', 0, 60_000),
  shellsOnExit: () => choice('shells.onExit', ['inject', 'wake', 'silent'] as const),
  shellsIsolation: () => ownChoice('shells.isolation', ['group', 'namespace'] as const),
  shellsAfterCrash: () => ownChoice('shells.afterCrash', ['end', 'takeBack'] as const),
  saveBeforeTurn: () => choice('saveBeforeTurn', ['always', 'ask', 'never'] as const),
  maxSteps: () => wholeNumber('maxSteps', 1, 10_000),
  /** 0: no limit. */
  budgetUsd: () => ownAmount('budgetUsd'),
  notifications: () => choice('notifications', ['all', 'attention', 'none'] as const),
} as const;

const idleMinutesOfOthers = 10;

/**
 * The settings of one kind of agent, those below `runtimes.<section>`. One that the manifest does not declare there, or a
 * kind without a section, gets what changes nothing.
 */
export function runtimeConfig(section: string | undefined) {
  const read = <T>(name: string, from: (key: string) => T, otherwise: T): T => {
    const key = `runtimes.${section ?? ''}.${name}`;
    return section !== undefined && isDeclared(key) ? from(key) : otherwise;
  };
  const projectSettings = (key: string) => ownChoice(key, ['ask', 'load', 'ignore'] as const);
  const ownShells = (key: string) => ownChoice(key, ['refuse', 'allow'] as const);
  return {
    command: () => read('command', ownText, ''),
    args: () => read('args', ownTexts, []),
    env: () => read('env', ownTextRecord, {}),
    model: () => read('model', text, ''),
    baseUrl: () => read('baseUrl', ownText, ''),
    permissionMode: () => read('permissionMode', ownText, 'inherit'),
    projectSettings: () => read('projectSettings', projectSettings, 'ignore'),
    ownBackgroundShells: () => read('ownBackgroundShells', ownShells, 'refuse'),
    idleSeconds: () => read('idleMinutes', (key) => wholeNumber(key, 0, 1_440), idleMinutesOfOthers) * 60,
  };
}

/** A sentence for each setting that is not valid, the ones of these kinds of agents included. */
export function settingProblems(sections: readonly string[]): readonly string[] {
  const readers = [config, ...sections.map(runtimeConfig)].flatMap((group) => Object.values<() => unknown>(group));
  return readers.flatMap((read) => {
    try {
      read();
      return [];
    } catch (error) {
      return [messageOf(error)];
    }
  });
}

/** The value, or `fallback` where the setting is not valid; for what must not fail because of it. */
export function settingOr<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}

function effective(key: string): unknown {
  return vscode.workspace.getConfiguration('greenroom').get(key);
}

/** Whether the manifest knows the setting: all of ours have a default there. */
function isDeclared(key: string): boolean {
  return vscode.workspace.getConfiguration('greenroom').inspect(key)?.defaultValue !== undefined;
}

/** The person's value or the default; never a workspace's. */
function own(key: string): unknown {
  const inspected = vscode.workspace.getConfiguration('greenroom').inspect(key);
  return inspected?.globalValue ?? inspected?.defaultValue;
}

function text(key: string): string {
  return asText(key, effective(key));
}

function ownText(key: string): string {
  return asText(key, own(key));
}

function asText(key: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw badSetting(key, t('a text'), value);
  }
  return value.trim();
}

function ownTexts(key: string): readonly string[] {
  const value = own(key);
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw badSetting(key, t('a list of texts'), value);
  }
  return value;
}

function ownTextRecord(key: string): Readonly<Record<string, string>> {
  const value = own(key);
  if (!isRecord(value) || !Object.values(value).every((item) => typeof item === 'string')) {
    throw badSetting(key, t('an object with texts'), value);
  }
  return value as Record<string, string>;
}

function wholeNumber(key: string, min: number, max: number): number {
  const value = effective(key);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw badSetting(key, t('a whole number from {0} to {1}', min, max), value);
  }
  return value;
}

function ownAmount(key: string): number {
  const value = own(key);
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw badSetting(key, t('a number that is not negative'), value);
  }
  return value;
}

function choice<T extends string>(key: string, options: readonly T[]): T {
  return asChoice(key, options, effective(key));
}

function ownChoice<T extends string>(key: string, options: readonly T[]): T {
  return asChoice(key, options, own(key));
}

function asChoice<T extends string>(key: string, options: readonly T[], value: unknown): T {
  const found = options.find((option) => option === value);
  if (found === undefined) {
    throw badSetting(key, t('one of {0}', options.join(', ')), value);
  }
  return found;
}
