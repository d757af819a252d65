import path from 'node:path';

/** Files and folders are for this user only. */
export const fileMode = 0o600;
export const folderMode = 0o700;

const sessionId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const blobName = /^[0-9a-f]{64}$/;

/** Only a UUID in lower case becomes a part of a path. */
export function isSessionId(id: string): boolean {
  return sessionId.test(id);
}

export function isBlobName(name: string): boolean {
  return blobName.test(name);
}

/** Where everything about the sessions of one workspace is. */
export class StorePaths {
  readonly root: string;
  readonly sessions: string;
  readonly claims: string;
  readonly requests: string;
  readonly trash: string;
  readonly index: string;
  readonly arrangement: string;

  constructor(root: string) {
    this.root = root;
    this.sessions = path.join(root, 'sessions');
    this.claims = path.join(root, 'locks');
    this.requests = path.join(root, 'requests');
    this.trash = path.join(root, 'trash');
    this.index = path.join(root, 'index.json');
    this.arrangement = path.join(root, 'arrangement.json');
  }

  session(id: string): string {
    return path.join(this.sessions, `${id}.jsonl`);
  }

  /** The session whose file has this name, if it is one. */
  sessionOf(fileName: string): string | undefined {
    const id = fileName.endsWith('.jsonl') ? fileName.slice(0, -'.jsonl'.length) : '';
    return isSessionId(id) ? id : undefined;
  }

  blobs(id: string): string {
    return path.join(this.root, 'blobs', id);
  }

  checkpoints(id: string): string {
    return path.join(this.root, 'checkpoints', `${id}.jsonl`);
  }

  draft(id: string): string {
    return path.join(this.root, 'drafts', `${id}.json`);
  }

  /** The two files of a session's run log: the one that grows, and the one before it. */
  runLogs(id: string): { readonly current: string; readonly previous: string } {
    const folder = path.join(this.root, 'runs');
    return { current: path.join(folder, `${id}.log`), previous: path.join(folder, `${id}.1.log`) };
  }
}
