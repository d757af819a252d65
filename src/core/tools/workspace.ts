import type { IsReadRefused } from '../approvals/refusedReads.ts';
import { isInside, normalizePath, resolvePath } from '../paths.ts';
import { ReadFiles } from './readFiles.ts';
import type { ToolContext } from './tool.ts';
import type { OpenEditors, TextSearch, WorkFiles } from './workFiles.ts';

/** Larger files are not read as a whole: a search finds what is in them. */
const maxTextBytes = 20 * 1024 * 1024;

export interface FileToolsDeps {
  readonly files: WorkFiles;
  readonly editors: OpenEditors;
  readonly search: TextSearch;
  readonly isRefused: IsReadRefused;
}

/** A path that may be followed. */
export interface Place {
  /** Without symbolic links. */
  readonly path: string;
  /** As the session's directory is called by the person, and so by their editor. */
  readonly name: string;
}

/** A file as the person sees it. */
export type SeenFile =
  | { readonly kind: 'text'; readonly text: string; readonly isUnsaved: boolean }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array; readonly size: number }
  | { readonly kind: 'tooLarge'; readonly size: number }
  | { readonly kind: 'folder' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'problem'; readonly problem: string };

/** What the file tools share: paths, files with what is unsaved in editors, and what a model has read of them. */
export class Workspace {
  readonly deps: FileToolsDeps;
  readonly readFiles = new ReadFiles();

  constructor(deps: FileToolsDeps) {
    this.deps = deps;
  }

  /**
   * Where a path of a model leads, or why it may not be followed: what was approved is the path as it was written, so that
   * a symbolic link may not lead anywhere else.
   */
  async place(
    path: string,
    { cwd }: ToolContext,
    access: 'read' | 'write',
  ): Promise<Place | { readonly problem: string }> {
    const { files } = this.deps;
    const asked = resolvePath(cwd, path);
    const folder = normalizePath(cwd);
    const root = await files.realPath(folder);
    // What is inside by the session's own name of its directory is inside by the real one.
    const wanted = isInside(folder, asked) ? root + asked.slice(folder.length) : asked;
    const real = await files.realPath(wanted);
    if (real === wanted || (access === 'read' && isInside(root, wanted) && isInside(root, real))) {
      return { path: real, name: asked };
    }
    return {
      problem: `${asked} goes through a symbolic link to ${real}. Use that path itself, so that the user sees what is ${access === 'read' ? 'read' : 'written'}.`,
    };
  }

  /** What is in the file, unsaved changes included. */
  async see({ path, name }: Place): Promise<SeenFile> {
    const { files, editors } = this.deps;
    const open = editors.text(name) ?? editors.text(path);
    if (open !== undefined) {
      return { kind: 'text', text: open, isUnsaved: [name, path].some((one) => editors.unsaved(one).length > 0) };
    }
    const info = await files.info(path);
    if (info === undefined) {
      return { kind: 'missing' };
    }
    if (info.kind === 'folder') {
      return { kind: 'folder' };
    }
    if (info.kind === 'other') {
      return { kind: 'problem', problem: `${path} is neither a file nor a folder.` };
    }
    const { bytes, size, realPath } = await files.read(path, maxTextBytes);
    if (realPath !== path) {
      return { kind: 'problem', problem: `${path} became a link to ${realPath} while it was read.` };
    }
    if (bytes.includes(0)) {
      return { kind: 'binary', bytes, size };
    }
    if (size > bytes.length) {
      return { kind: 'tooLarge', size };
    }
    const text = asText(bytes);
    return text === undefined ? { kind: 'binary', bytes, size } : { kind: 'text', text, isUnsaved: false };
  }
}

/** Undefined: it is no UTF-8. A byte order mark stays. */
function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function sizeInWords(bytes: number): string {
  return bytes < 1024
    ? `${bytes} bytes`
    : bytes < 1024 * 1024
      ? `${(bytes / 1024).toFixed(1)} KiB`
      : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
