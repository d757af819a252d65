import type { FileAccess } from './ports.ts';

/** Documents that are open in an editor. */
export interface OpenDocuments {
  /** The text of a document that has unsaved changes; undefined for any other path. */
  unsavedText(path: string): string | undefined;
}

/** Files as the person sees them: what is unsaved in an editor counts before what is on the disk. */
export function overlayFiles(documents: OpenDocuments, disk: FileAccess): FileAccess {
  return {
    realPath: (path) => disk.realPath(path),
    entries: async (folder) => disk.entries?.(folder),
    linkCount: async (path) => disk.linkCount?.(path),
    readText: async (path) => documents.unsavedText(path) ?? (await disk.readText(path)),
  };
}
