import { createRequire } from 'node:module';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';

/** The part of node-pty that is used here; `destroy()` and `open()` are left out on purpose: they can signal pid -1. */
export interface PtyHandle {
  readonly pid: number;
  /** The path of the slave device. */
  readonly ptsName: string;
  /**
   * The master device, which does not block; open until the exit or an error is told. `write()` is left out: it waits,
   * and everything else with it, for a program that does not read.
   */
  readonly fd: number;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
  onData(listener: (bytes: Uint8Array) => void): { dispose(): void };
  onExit(listener: (end: { readonly exitCode: number; readonly signal?: number }) => void): { dispose(): void };
  on(event: 'error' | 'close', listener: (error: unknown) => void): void;
}

export interface NodePty {
  spawn(
    file: string,
    args: readonly string[],
    options: {
      readonly name: string;
      readonly cols: number;
      readonly rows: number;
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      readonly encoding: null;
    },
  ): PtyHandle;
}

/** node-pty, or why there is none. */
export type NodePtyResult = { readonly pty: NodePty; readonly from: string } | { readonly missing: string };

/** Loads node-pty: the extension's own copy, else the one that VS Code brings below `appRoot`. */
export function loadNodePty(appRoot: string | undefined): NodePtyResult {
  const require = createRequire(import.meta.url);
  const candidates = ['node-pty'];
  if (appRoot !== undefined) {
    for (const folder of ['node_modules.asar.unpacked', 'node_modules']) {
      candidates.push(path.join(appRoot, folder, 'node-pty'));
    }
  }
  const reasons: string[] = [];
  for (const candidate of candidates) {
    try {
      const loaded: unknown = require(candidate);
      if (isNodePty(loaded)) {
        return { pty: loaded, from: require.resolve(candidate) };
      }
      reasons.push(`${candidate}: no spawn()`);
    } catch (error) {
      reasons.push(messageOf(error).split('\n')[0] ?? candidate);
    }
  }
  return { missing: reasons.join('; ') };
}

function isNodePty(value: unknown): value is NodePty {
  return typeof value === 'object' && value !== null && 'spawn' in value && typeof value.spawn === 'function';
}
