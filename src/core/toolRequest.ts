/** What a tool call wants to do, in the terms that approvals are decided in. */
export interface ToolRequest {
  readonly toolCallId?: string;
  readonly toolName: string;
  readonly access: 'read' | 'edit' | 'execute' | 'network' | 'internal' | 'other';
  /** Absolute or relative to the session's directory. */
  readonly paths: readonly string[];
  readonly command?: string;
  /**
   * What the command is written for; absent: a POSIX shell. `input`: text for a program that runs already. Commands for other
   * shells are not read, and asked each time.
   */
  readonly shell?: 'posix' | 'powershell' | 'cmd' | 'fish' | 'input';
  /** Where the call begins, if that is not the session's directory. */
  readonly cwd?: string;
  /** The address that is asked for. */
  readonly url?: string;
  /** Identifies what would answer the call, such as the definition of a server: what is allowed for one is not for another. */
  readonly origin?: string;
  /** The arguments as they would run. */
  readonly input: unknown;
  /** New contents or replacements, where the call edits a file. */
  readonly change?: FileChange;
  /** Why the runtime itself thinks that it has to be asked. */
  readonly runtimeReason?: string;
}

export type FileChange =
  | { readonly path: string; readonly content: string }
  | {
      readonly path: string;
      readonly replacements: readonly { readonly oldText: string; readonly newText: string; readonly all: boolean }[];
    };
