import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A folder for one test; `dispose` removes it with everything in it. */
export function makeStoreFolder(): { readonly root: string; dispose(): void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'greenroom-store-'));
  return {
    root: path.join(folder, 'storage'),
    dispose: () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
