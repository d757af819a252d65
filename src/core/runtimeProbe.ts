import type { ErrorInfo } from '../base/errors.ts';

export interface ProbeContext {
  /** The executable, as configured; empty: look for it. */
  readonly command: string;
  /** Variables to add to the environment of the runtime's process. */
  readonly env: Readonly<Record<string, string>>;
  /** False in a workspace that is not trusted: files are looked at, nothing is started. */
  readonly mayRun: boolean;
}

/**
 * `ready`: a turn can be tried. `found`: there is a program, but it was not asked. `loggedOut`, `tooOld`: it said so.
 * `broken`: it did not answer as it should. `noKey`: its service would not know the person.
 */
export type ProbeState = 'ready' | 'found' | 'loggedOut' | 'tooOld' | 'broken' | 'notFound' | 'noKey';

/** What is found of a kind of agent on this machine without a turn. Holds names of variables, never their values. */
export interface RuntimeProbe {
  readonly state: ProbeState;
  /** The program. */
  readonly path?: string;
  readonly version?: string;
  /** Undefined where that cannot be known without a turn. */
  readonly loggedIn?: boolean;
  /** The variables that are set and from which it would take a key. */
  readonly keyNames: readonly string[];
  /** A key is stored for it. */
  readonly keyStored?: true;
  /** Why it cannot be used, and what to do; undefined for `ready` and `found`. */
  readonly problem?: ErrorInfo;
}
