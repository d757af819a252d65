import * as vscode from 'vscode';
import type { RuntimeKind } from '../core/runtime.ts';
import type { ProbeContext } from '../core/runtimeProbe.ts';
import { runtimeConfig } from './config.ts';

/** With what a kind of agent is looked for: the person's settings, and whether anything may be started. */
export function probeContext(kind: RuntimeKind): ProbeContext {
  const settings = runtimeConfig(kind.settingsSection);
  return { command: settings.command(), env: settings.env(), mayRun: vscode.workspace.isTrusted };
}
