import type { Absence } from './absences.ts';
import type { ModelState } from './modelState.ts';
import type { NumberedEvent } from './sessionEvents.ts';
import type { Spilled } from '../protocol/view.ts';

export type { Clock } from '../base/clock.ts';
export type { Spilled };
export type { Log } from '../base/log.ts';

export interface Ids {
  /** A random UUID. */
  uuid(): string;
}

export interface LaunchSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The complete environment of the process. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ProcessEnd {
  /** 128 + signal for a death by signal; -1 if unknown. */
  readonly code: number;
}

/** A process whose output is a stream of bytes and whose input takes lines. */
export interface AgentProcess {
  readonly pid: number;
  /** `pty`: output on a pseudo-terminal and input through a FIFO; `pipe`: both on pipes. */
  readonly transport: 'pty' | 'pipe';
  /** Why it is not the preferred transport, in words. */
  readonly transportNote?: string;
  /** Output and error output as they come. At most one listener, set before the next tick. */
  onOutput(listener: (bytes: Uint8Array) => void): void;
  /** Writes text to the standard input; resolves when it was handed to the system. Rejects once the process has ended. */
  write(text: string): Promise<void>;
  /** Closes the standard input. */
  endInput(): void;
  /** Sends the program itself, not what it started, the signal of Ctrl-C. */
  interrupt(): Promise<void>;
  /** Ends the whole process tree: asks, then kills after `graceMs`; resolves when none of it lives. */
  stop(graceMs: number): Promise<void>;
  /** Settles after the last byte of output was given to the listener. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
}

export interface ProcessLauncher {
  /** Rejects with a `GreenroomError` if the process could not be started. */
  launch(spec: LaunchSpec): Promise<AgentProcess>;
}

/** What never changes about a session; the first line of its file. */
export interface SessionIdentity {
  readonly id: string;
  readonly runtime: string;
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** How soon what was appended has to be safe. `written`: given to the operating system. `synced`: on the disk. */
export type Durability = 'written' | 'synced';

/** The append-only file of one session. */
export interface SessionLog {
  /** Takes the event at once; it is written within 100 ms and synced within a second. */
  append(event: NumberedEvent): void;
  /** Everything that was appended is in the file, or will be. False once events had to be given up. */
  readonly isComplete: boolean;
  /** What the events so far come to: `state` is asked for if it is worth keeping, so that the session opens from here. */
  checkpoint(state: () => ModelState): void;
  /** Resolves once everything appended so far is that safe; rejects with a `GreenroomError` while saving fails. Nothing is discarded. */
  flush(durability: Durability): Promise<void>;
  /** Flushes, then releases the file. */
  close(): Promise<void>;
}

/** What the list of stored sessions shows; a cache of what the log says. */
export interface SessionSummary {
  readonly id: string;
  readonly runtime: string;
  readonly cwd: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly name: string;
  readonly model?: string;
  readonly state: string;
  readonly messageCount: number;
  readonly costUsd?: number;
  readonly nativeSessionId?: string;
  /** Why the last turn did not end naturally: in words, and as a code. */
  readonly reason?: string;
  readonly reasonCode?: string;
  /** When the limit that ended the last turn resets, in milliseconds since 1970. */
  readonly rateLimitedUntil?: number;
  /** Requests that wait for the person. */
  readonly waiting?: number;
}

/** A session that was deleted and can still be restored. */
export interface DeletedSession {
  readonly id: string;
  readonly deletedAt: number;
  /** When it goes for good. */
  readonly keptUntil: number;
  /** Undefined where its file cannot be read. */
  readonly summary: SessionSummary | undefined;
}

export interface LoadedSession {
  readonly identity: SessionIdentity;
  readonly events: readonly NumberedEvent[];
  /** What could not be read, in words; the rest is complete. */
  readonly damage?: string;
}

export interface SearchStep {
  /** Sessions that were looked through, of all. */
  readonly done: number;
  readonly total: number;
  /** The line that was found in this one. */
  readonly match?: { readonly id: string; readonly line: string };
}

/** All sessions of one workspace. */
export interface SessionCatalog {
  create(identity: SessionIdentity): Promise<SessionLog>;
  /** The log for appending after `load`; cuts off a torn tail first. Rejects with `sessionLocked` while another window has it. */
  open(id: string): Promise<SessionLog>;
  /** As `open`; a living window that has the session is asked to let it go. Rejects with `noAnswer` or `notHandedOver`. */
  takeOver(id: string): Promise<SessionLog>;
  /** Called with a session that another window wants: it has to be saved and closed. At most one listener. */
  onWanted(listener: (id: string) => void): void;
  /** Rejects with a `GreenroomError` (`unknownSession`, `newerVersion`, `damagedSession`). */
  load(id: string): Promise<LoadedSession>;
  /** Newest first. Files that cannot be listed are said, never hidden: `problems` has a sentence for each. */
  list(): Promise<{ readonly sessions: readonly SessionSummary[]; readonly problems: readonly string[] }>;
  saveSummary(summary: SessionSummary): void;
  /** For good. */
  delete(id: string): Promise<void>;
  /** Takes the session out of the list; it can be restored for 30 days. */
  moveToTrash(id: string): Promise<void>;
  /** What can be restored, the newest deletion first. */
  listTrash(): Promise<readonly DeletedSession[]>;
  /** Rejects with `unknownSession` if the trash does not have it. */
  restore(id: string): Promise<void>;
  /** For good. Nothing happens if the trash does not have it. */
  deleteFromTrash(id: string): Promise<void>;
  /** Looks for text in what was said in the stored sessions, newest first; gives one step for each session. */
  search(wanted: string, signal: AbortSignal): AsyncIterable<SearchStep>;
  /** Keeps text that is too large for a record, in a file named by its hash. Readable at once. */
  putBlob(id: string, text: string): Spilled;
  readBlob(id: string, blob: string): Promise<string>;
  readDraft(id: string): string;
  saveDraft(id: string, text: string): void;
  /** The right to save the arrangement; false while another window has it. */
  claimArrangement(): Promise<boolean>;
  readArrangement(): Promise<Arrangement | undefined>;
  saveArrangement(arrangement: Arrangement): void;
  /** Writes what is still pending. */
  flush(): Promise<void>;
  /** This window ends: others that want its sessions wait until it has let them go. */
  leave(): void;
  /** Writes what is still pending, and lets everything go. */
  close(): Promise<void>;
}

/** Which sessions are on stage and in the slots, by id. */
export interface Arrangement {
  readonly foreground: string | undefined;
  readonly background: readonly string[];
  /** What lists show of these sessions, so that a window starts by reading one small file. */
  readonly summaries: readonly SessionSummary[];
  /** What happened in sessions since the person last looked at them. */
  readonly absences?: readonly Absence[];
}

/** The bounded, redacted log of what a runtime's process said, line by line. */
export interface RunLog {
  /** Values that no line may hold from now on, beside what looks like a secret anyway. */
  hide(secrets: readonly string[]): void;
  append(sessionId: string, run: number, line: string): void;
  /** Writes what is still collected. */
  flush(): Promise<void>;
}

/** The background shells of the sessions. */
export interface SessionShells {
  /** Whether a session has any, running or finished. */
  has(sessionId: string): boolean;
  /** Where their output is stored: the session may read it without asking. Undefined before there were any. */
  logFolder(sessionId: string): string | undefined;
  /** Ends those of a session that is closed; resolves when nothing of them lives, or cannot be ended. */
  closeSession(sessionId: string): Promise<void>;
  /** The same for a session that is gone for good, whose shells are forgotten too. */
  forgetSession(sessionId: string): Promise<void>;
}

/** What a service knows the person by. */
export interface Credential {
  readonly key: string;
  /** The variable of the environment that it is from; undefined: the person has stored it. */
  readonly variable?: string;
}

export interface FileAccess {
  /** The path with every symbolic link resolved, as far as it exists. */
  realPath(path: string): Promise<string>;
  /** How many names the file has; undefined for what is none, or not known. */
  linkCount?(path: string): Promise<number | undefined>;
  /** The names in a folder; undefined for what is none, or has too many. */
  entries?(folder: string): Promise<readonly string[] | undefined>;
  /** The file's text as the person sees it (an unsaved editor counts); undefined if there is none or it is no text. */
  readText(path: string): Promise<string | undefined>;
}
