/** What a path leads to. */
export interface FileInfo {
  readonly kind: 'file' | 'folder' | 'other';
  readonly size: number;
}

export interface FolderEntry extends FileInfo {
  readonly name: string;
  /** The entry is a symbolic link; what is told is of what it leads to. */
  readonly isLink: boolean;
}

export interface FileBytes {
  readonly bytes: Uint8Array;
  /** Of the whole file. */
  readonly size: number;
  /** Where the file that was read really is. */
  readonly realPath: string;
}

export type WriteResult =
  /** `note`: what could not be made sure of, in words for the model. */
  | { readonly kind: 'written'; readonly note?: string }
  /** Something on the way is a symbolic link, or became one. */
  | { readonly kind: 'link' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Files as the tools need them. Paths are absolute and normalised. */
export interface WorkFiles {
  /** With every symbolic link resolved, as far as it exists. */
  realPath(path: string): Promise<string>;
  /** Follows links; undefined: there is nothing. */
  info(path: string): Promise<FileInfo | undefined>;
  /** The first `maxBytes` of a file. Rejects where it cannot be read. */
  read(path: string, maxBytes: number): Promise<FileBytes>;
  /** Rejects where it cannot be listed. */
  list(folder: string): Promise<readonly FolderEntry[]>;
  /** Makes or replaces exactly this file, whole or not at all, and the folders above it: no symbolic link is followed. */
  write(path: string, text: string): Promise<WriteResult>;
}

export type EditorResult =
  | { readonly kind: 'notOpen' }
  /** The file's text after the edit was saved, which may have changed it again. */
  | { readonly kind: 'saved'; readonly text: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** Documents that are open in an editor. */
export interface OpenEditors {
  /** The text of an open document, saved or not; undefined for any other path. */
  text(path: string): string | undefined;
  /** Those with unsaved changes below a folder. */
  unsaved(folder: string): readonly { readonly path: string; readonly text: string }[];
  /** Changes the text of an open document from `before`, so that it can be undone there, and saves it. */
  replace(path: string, before: string, after: string): Promise<EditorResult>;
}

export interface FoundLine {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export interface Found<T> {
  readonly items: readonly T[];
  /** Whether there may be more. */
  readonly isCut: boolean;
  /** How it was searched, where that was not the usual way, in words for the model. */
  readonly note?: string;
}

export interface LineQuery {
  /** A regular expression. */
  readonly pattern: string;
  readonly ignoreCase: boolean;
  /** A file or a folder. */
  readonly path: string;
  /** Only files whose name or path fits. */
  readonly glob?: string;
  readonly most: number;
}

/** Looks through many files. Rejects with an `Error` whose message says what is wrong with the query. */
export interface TextSearch {
  lines(query: LineQuery, signal: AbortSignal): Promise<Found<FoundLine>>;
  /** Paths of files that fit a glob pattern, relative to the folder. */
  files(
    query: { readonly glob: string; readonly folder: string; readonly most: number },
    signal: AbortSignal,
  ): Promise<Found<string>>;
}
