/** How a shell is, or how it ended. */
export type ShellStatus =
  | { readonly kind: 'running' }
  /** The shell itself has exited; processes that it started live on. Undefined code: it could not be ended. */
  | { readonly kind: 'leftRunning'; readonly code: number | undefined; readonly pids: readonly number[] }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly code: number }
  | { readonly kind: 'failed'; readonly reason: string };

export type FinalStatus = Extract<ShellStatus, { readonly kind: 'exited' | 'killed' | 'failed' }>;

/** Told of a shell without an exit code: it could not start, or took too long. */
export const noExitCode = -1;

/** It has processes, takes a place among those that run, and can be killed. */
export function isActive(status: ShellStatus): status is Exclude<ShellStatus, FinalStatus> {
  return status.kind === 'running' || status.kind === 'leftRunning';
}

/** For models: in English, whatever the person's language is. */
export function statusLabel(status: ShellStatus): string {
  switch (status.kind) {
    case 'running':
      return 'running';
    case 'leftRunning':
      return 'left running';
    case 'exited':
      return `exited(${status.code})`;
    case 'killed':
      return 'killed';
    case 'failed':
      return `failed: ${status.reason}`;
  }
}

/** Reasons of failures, as models and people see them. */
export const failure = {
  spawn: (message: string) => `failed to spawn: ${message}`,
  read: (message: string) => `failed to read output: ${message}`,
  timeout: (seconds: number) => `auto-killed after ${seconds} s timeout`,
} as const;
