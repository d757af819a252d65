import * as vscode from 'vscode';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

/** The output channel "Greenroom". */
export function createLogChannel(): { readonly log: Log; readonly channel: vscode.LogOutputChannel } {
  const channel = vscode.window.createOutputChannel('Greenroom', { log: true });
  const log: Log = {
    info: (message) => channel.info(message),
    warn: (message) => channel.warn(message),
    error: (message, error) =>
      channel.error(
        error === undefined
          ? message
          : `${message}: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`,
      ),
  };
  return { log, channel };
}
