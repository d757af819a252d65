import type { Grant } from './approvals/judgement.ts';

/** What the person has settled for every session of the workspace. */
export interface ApprovalPolicy {
  /** The rules as they are written in the person's settings. Throws a `GreenroomError` for a setting that is not valid. */
  rules(): { readonly allow: readonly string[]; readonly deny: readonly string[] };
  /** Absent: "always" is not offered. */
  readonly always?: AlwaysApproved;
  /** Absolute, with links resolved. */
  readonly protectedFolders: readonly string[];
  readonly home: string | undefined;
}

export interface AlwaysGrant extends Grant {
  /** When it was given, in milliseconds since 1970. */
  readonly at: number;
}

/** Answers "always", kept outside of the workspace. */
export interface AlwaysApproved {
  /** Those in force, oldest first, also if another window has changed them. */
  list(): Promise<readonly AlwaysGrant[]>;
  /** Resolves once it is on the disk; rejects with a `GreenroomError`. */
  add(grant: Grant): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
}

/** Nothing is settled: the mode decides, and the answers for a session. */
export const noPolicy: ApprovalPolicy = {
  rules: () => ({ allow: [], deny: [] }),
  protectedFolders: [],
  home: undefined,
};
