import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Bench } from './bench.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const kibibyte = 1024;
/** What a package may weigh without node-pty, compressed. */
const packageLimitKib = 2048;

function kib(files: readonly string[], size: (file: string) => number): number {
  return files.reduce((sum, file) => sum + size(path.join(root, file)), 0) / kibibyte;
}

/** A script with everything that it imports at once; what is imported later is not part of the start. */
function withStaticImports(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = readFileSync(path.join(root, file), 'utf8').matchAll(/(?:from|import)\s*"(\.[^"]+)"/g);
  for (const [, specifier = ''] of imports) withStaticImports(path.join(path.dirname(file), specifier), seen);
  return [...seen];
}

const plainSize = (file: string): number => statSync(file).size;
const compressedSize = (file: string): number => gzipSync(readFileSync(file)).length;

export const bench: Bench = {
  name: 'size',
  async run() {
    const script = globSync('dist/**/*.{js,css}', { cwd: root });
    const start = withStaticImports(path.join('dist', 'extension.js'));
    const webview = script.filter((file) => file.startsWith(path.join('dist', 'webview')));
    const whole = [...script, ...globSync('{media/**/*.*,package*.json,LICENSE,README.md}', { cwd: root })];
    const row = (name: string, value: number) => ({
      name,
      value,
      unit: 'KiB',
      baseline: packageLimitKib,
      baselineName: 'the limit of the package',
      maxRatio: 1,
    });
    return [
      row('what loads at the start', kib(start, plainSize)),
      row('the webview', kib(webview, plainSize)),
      row('the package, compressed, without node-pty', kib(whole, compressedSize)),
    ];
  },
};
