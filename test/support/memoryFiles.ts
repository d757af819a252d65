import path from 'node:path';
import type { EditorResult, OpenEditors, WorkFiles, WriteResult } from '../../src/core/tools/workFiles.ts';

/** Files in memory: texts, bytes, and links by where they lead. */
export class MemoryFiles implements WorkFiles {
  readonly contents = new Map<string, Uint8Array>();
  readonly links = new Map<string, string>();
  readonly written: string[] = [];
  /** Instead of writing. */
  writeResult: WriteResult | undefined;

  constructor(texts: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [name, text] of Object.entries(texts)) {
      this.contents.set(name, typeof text === 'string' ? Buffer.from(text) : text);
    }
  }

  textOf(file: string): string | undefined {
    const bytes = this.contents.get(file);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  }

  realPath(target: string): Promise<string> {
    for (const [link, place] of this.links) {
      if (target === link || target.startsWith(`${link}/`)) {
        return this.realPath(place + target.slice(link.length));
      }
    }
    return Promise.resolve(target);
  }

  info(target: string) {
    const bytes = this.contents.get(target);
    const isFolder = [...this.contents.keys()].some((file) => file.startsWith(`${target}/`));
    return Promise.resolve(
      bytes !== undefined
        ? ({ kind: 'file', size: bytes.length } as const)
        : isFolder
          ? ({ kind: 'folder', size: 0 } as const)
          : undefined,
    );
  }

  read(target: string, maxBytes: number) {
    const bytes = this.contents.get(target) ?? new Uint8Array();
    return Promise.resolve({ bytes: bytes.subarray(0, maxBytes), size: bytes.length, realPath: target });
  }

  list(folder: string) {
    const names = new Map<string, { name: string; kind: 'file' | 'folder'; size: number; isLink: boolean }>();
    for (const [file, bytes] of this.contents) {
      if (file.startsWith(`${folder}/`)) {
        const [name = '', ...below] = file.slice(folder.length + 1).split('/');
        names.set(name, { name, kind: below.length > 0 ? 'folder' : 'file', size: bytes.length, isLink: false });
      }
    }
    return Promise.resolve([...names.values()]);
  }

  write(target: string, text: string): Promise<WriteResult> {
    if (this.writeResult === undefined) {
      this.contents.set(target, Buffer.from(text));
      this.written.push(path.basename(target));
    }
    return Promise.resolve(this.writeResult ?? { kind: 'written' });
  }
}

/** Editors in memory; saving may change a text once more. */
export class MemoryEditors implements OpenEditors {
  readonly open = new Map<string, string>();
  readonly dirty = new Set<string>();
  onSave: (text: string) => string = (text) => text;
  result: EditorResult | undefined;

  text(file: string): string | undefined {
    return this.open.get(file);
  }

  unsaved(folder: string) {
    return [...this.dirty]
      .filter((file) => file === folder || file.startsWith(`${folder}/`))
      .map((file) => ({ path: file, text: this.open.get(file) ?? '' }));
  }

  replace(file: string, _before: string, after: string): Promise<EditorResult> {
    if (!this.open.has(file)) {
      return Promise.resolve({ kind: 'notOpen' });
    }
    if (this.result !== undefined) {
      return Promise.resolve(this.result);
    }
    const text = this.onSave(after);
    this.open.set(file, text);
    this.dirty.delete(file);
    return Promise.resolve({ kind: 'saved', text });
  }
}
