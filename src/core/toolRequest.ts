/** What a tool call wants to do, in the terms that approvals are decided in. */
export interface ToolRequest {
  readonly toolCallId?: string;
  readonly toolName: string;
  readonly access: 'read' | 'edit' | 'execute' | 'network' | 'internal' | 'other';
  /** Absolute or relative to the session's directory. */
  readonly paths: readonly string[];
  readonly command?: string;
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
