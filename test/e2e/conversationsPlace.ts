import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { claudeCli } from '../integration/claudeCode/harness.ts';
import { eventually } from '../support/eventually.ts';
import type { AgentWorkbench } from './agentWorkbench.ts';

/** One workbench for the tests of what was said earlier. */
export interface ConversationsPlace {
  readonly cli: NotingCli;
  readonly agent: AgentWorkbench;
  readonly chat: FrameLocator;
}

/** The CLI under a path that no shell takes as it is: it notes how it was called by a terminal, and does it. */
export class NotingCli {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), "it's $HOME; "));
  readonly #notes = path.join(this.#folder, 'notes');
  readonly command = path.join(this.#folder, 'claude "2"');

  constructor() {
    const script = [
      '#!/bin/sh',
      'if [ "$1" = --resume ]; then',
      `  { pwd; printf '%s\n' "$@"; } > "\${0%/*}/notes.new" && mv "\${0%/*}/notes.new" "\${0%/*}/notes"`,
      'fi',
      `exec '${claudeCli()}' "$@"`,
    ];
    writeFileSync(this.command, `${script.join('\n')}\n`);
    chmodSync(this.command, 0o700);
  }

  /** The directory and the arguments of the next call by a terminal. */
  async noted(): Promise<readonly string[]> {
    await eventually(() => existsSync(this.#notes), 'the call by a terminal');
    const lines = readFileSync(this.#notes, 'utf8').trimEnd().split('\n');
    rmSync(this.#notes);
    return lines;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
