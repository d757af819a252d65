/** What lists show of a shell, as in the exported API. */
export interface ShellInfo {
  /** 32 lower-case hex digits. */
  readonly id: string;
  readonly sessionId: string;
  readonly command: string;
  readonly status: 'running' | 'exited' | 'killed' | 'failed' | 'leftRunning';
  readonly exitCode?: number;
  /** Of a failure; of one left running, the pids of what lives. */
  readonly reason?: string;
  readonly cwd: string;
  readonly tty: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly lastLine?: string;
  readonly elapsedMs: number;
  readonly bytesSeen: number;
  readonly bytesDropped: number;
  readonly pid?: number;
}

/** What people see of an id. */
export function shortShellId(id: string): string {
  return id.slice(0, 8);
}
