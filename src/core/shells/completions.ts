import { noExitCode, type ShellStatus, statusLabel } from './shellStatus.ts';

/** More than these do not wait for a session's next turn. */
export const maxCompletions = 16;
/** Of what a shell said last, so much is told with its end. */
export const completionCharacters = 4096;

/** The end of a background shell, for the model of its session. */
export interface Completion {
  readonly id: string;
  readonly command: string;
  readonly status: ShellStatus;
  readonly elapsedMs: number;
  /** The last characters, already plain and without secrets. */
  readonly output: string;
  /** The model has read the final status meanwhile. */
  readonly isKnown: () => boolean;
}

interface Waiting {
  readonly completions: readonly Completion[];
  /** Older ones that are left out. */
  readonly dropped: number;
}

/** What waits to be told to each session at the start of its next turn, once. */
export class Completions {
  readonly #waiting = new Map<string, Waiting>();
  /** What was taken last. */
  readonly #taken = new Map<string, Waiting>();

  add(sessionId: string, completion: Completion): void {
    this.#append(sessionId, { completions: [completion], dropped: 0 });
  }

  /** Whether the session would be told something. */
  has(sessionId: string): boolean {
    const waiting = this.#waiting.get(sessionId);
    return waiting !== undefined && (waiting.dropped > 0 || waiting.completions.some(({ isKnown }) => !isKnown()));
  }

  /** What the session is to be told, which then counts as told; undefined if there is nothing. */
  take(sessionId: string): string | undefined {
    const isWorthIt = this.has(sessionId);
    const waiting = this.#waiting.get(sessionId);
    this.#waiting.delete(sessionId);
    this.#taken.delete(sessionId);
    if (waiting === undefined || !isWorthIt) {
      return undefined;
    }
    this.#taken.set(sessionId, waiting);
    const { completions, dropped } = waiting;
    return [
      'Background shells that have ended since your last turn:',
      ...(dropped === 0 ? [] : [droppedLine(dropped)]),
      ...completions.filter(({ isKnown }) => !isKnown()).map(completionText),
    ].join('\n');
  }

  /** What was taken last has not reached the model: it waits again, before what has come since. */
  giveBack(sessionId: string): void {
    const taken = this.#taken.get(sessionId);
    const since = this.#waiting.get(sessionId);
    if (taken !== undefined) {
      this.#taken.delete(sessionId);
      this.#waiting.set(sessionId, taken);
      this.#append(sessionId, since ?? { completions: [], dropped: 0 });
    }
  }

  forget(sessionId: string): void {
    this.#waiting.delete(sessionId);
    this.#taken.delete(sessionId);
  }

  #append(sessionId: string, more: Waiting): void {
    const before = this.#waiting.get(sessionId);
    const all = [...(before?.completions ?? []), ...more.completions];
    const completions = all.slice(-maxCompletions);
    const dropped = (before?.dropped ?? 0) + more.dropped + all.length - completions.length;
    this.#waiting.set(sessionId, { completions, dropped });
  }
}

function droppedLine(count: number): string {
  return `- (${count} older ${count === 1 ? 'one is' : 'ones are'} left out: more than ${maxCompletions} were waiting)`;
}

/** What a process has written stands behind a bar, line by line: it cannot pass for anything else. */
function completionText({ id, command, status, elapsedMs, output }: Completion): string {
  const code = status.kind === 'exited' || status.kind === 'killed' ? status.code : noExitCode;
  return [
    `- id: ${id}`,
    '  command:',
    barred(command),
    `  status: ${statusLabel(status)}`,
    `  exit code: ${code}`,
    `  success: ${code === 0}`,
    `  elapsed: ${elapsedMs} ms`,
    ...(output === ''
      ? ['  output: none']
      : [`  output (at most its last ${completionCharacters} characters):`, barred(output)]),
  ].join('\n');
}

function barred(text: string): string {
  return text
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map((line) => `  | ${line}`)
    .join('\n');
}
