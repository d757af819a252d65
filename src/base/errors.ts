/** A button that an error or a notice offers; the `vscode` folder knows what each one does. */
export type ActionId =
  | 'openInstallPage'
  | 'openSettings'
  | 'login'
  | 'updateCli'
  | 'chooseModel'
  | 'showLog'
  | 'retry'
  | 'continue'
  | 'compact'
  | 'newSession'
  | 'trustWorkspace'
  | 'reviewProjectSettings'
  | 'takeOver'
  | 'startDemo'
  | 'checkAgents'
  | 'setApiKey'
  | 'openFolder';

export interface Action {
  readonly id: ActionId;
  readonly label: string;
  /** For `openSettings`: the setting's key; for `takeOver`: the session's id; for `setApiKey`: the runtime's. */
  readonly argument?: string;
}

/** A failure as a value: a stable code, a sentence for the person, and what they can do about it. */
export interface ErrorInfo {
  readonly code: string;
  readonly message: string;
  readonly actions: readonly Action[];
  /** The last output or the underlying message; shown on demand, already redacted and bounded. */
  readonly details?: string;
}

/** An `ErrorInfo` that can be thrown; `data` holds the fields that the exported API promises for the code. */
export class GreenroomError extends Error {
  readonly code: string;
  readonly info: ErrorInfo;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(info: ErrorInfo, data: Readonly<Record<string, unknown>> = {}) {
    super(info.message);
    this.name = 'GreenroomError';
    this.code = info.code;
    this.info = info;
    this.data = data;
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
