/** The extension's log channel. Never given secrets: what comes from outside is redacted before it is logged. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}
