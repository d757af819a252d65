import type { RuntimeProbe } from './runtimeProbe.ts';

/** What was found out about one machine, one editor and one window; nothing in it is judged. */
export interface DoctorFacts {
  readonly extensionVersion: string;
  /** Such as `Visual Studio Code 1.139.0`. */
  readonly editor: string;
  /** Where the extension host runs, if that is not where the window is. */
  readonly remote?: string;
  readonly machine?: MachineFacts;
  readonly isTrusted: boolean;
  readonly hasFolder: boolean;
  readonly agents: readonly { readonly name: string; readonly probe: RuntimeProbe | undefined }[];
  readonly storage?: StorageFacts;
  readonly processes: readonly { readonly name: string; readonly pid: number | undefined }[];
  /** A sentence for each setting that is not valid. */
  readonly settingProblems: readonly string[];
  readonly saveTrouble?: { readonly message: string; readonly isOver: boolean };
}

export interface MachineFacts {
  /** Such as `Linux 6.12.0 (linux-x64)`. */
  readonly platform: string;
  readonly node: string;
  /** Where node-pty was loaded from, or why it was not. */
  readonly pty: { readonly from: string } | { readonly missing: string };
  /** Whether agents get a pseudo-terminal on this system, where node-pty can be loaded. */
  readonly wantsPty: boolean;
  /** Programs that are used where they are there; undefined: not found. */
  readonly programs: readonly { readonly name: string; readonly path: string | undefined }[];
  /** Pseudo-terminals that this host has open; undefined where the system does not tell. */
  readonly openPtys?: number;
}

export interface StorageFacts {
  readonly folder: string;
  /** Why nothing can be written there. */
  readonly problem?: string;
  readonly freeBytes?: number;
  readonly sessions: number;
  readonly bytes: number;
}
