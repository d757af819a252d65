import type { Clock } from '../../base/clock.ts';
import type { ShellRegistry } from '../shells/shellRegistry.ts';
import type { MatchLines } from './readForModel.ts';

export interface ShellToolDeps {
  readonly registry: ShellRegistry;
  readonly clock: Clock;
  /** How long a command is waited for that names no time. */
  readonly defaultTimeoutSeconds: () => number;
  readonly matchLines: MatchLines;
}
