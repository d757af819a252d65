import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { median, type Bench } from './bench.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const rounds = 15;

/** Runs in a fresh Node: loads a module, activates it, and prints the milliseconds. Anything asked of `vscode` is there. */
const probe = `
import { registerHooks } from 'node:module';
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode' ? { url: process.env.BENCH_VSCODE, shortCircuit: true } : next(specifier, context),
});
const { universal } = await import(process.env.BENCH_VSCODE);
const folder = { fsPath: process.env.BENCH_FOLDER, path: process.env.BENCH_FOLDER, scheme: 'file' };
const context = new Proxy({ subscriptions: [], extensionPath: folder.fsPath, extensionUri: folder, globalStorageUri: folder,
  storageUri: folder, logUri: folder, extensionMode: 1 }, { get: (target, name) => target[name] ?? universal });
const started = performance.now();
const { activate } = await import(process.env.BENCH_MODULE);
await activate(context);
console.log(performance.now() - started);
process.exit(0);
`;

/** A module with every name that \`vscode\` exports, each of which can be called, constructed and looked into. */
function stubSource(): string {
  const declarations = readFileSync(path.join(root, 'node_modules', '@types', 'vscode', 'index.d.ts'), 'utf8');
  const names = declarations.matchAll(/^\texport (?:abstract )?(?:class|namespace|enum|const|function) (\w+)/gm);
  return `
const target = function () {};
const promised = () => Promise.resolve(undefined);
const special = { then: undefined, executeCommand: promised, update: promised, length: 0, workspaceFolders: undefined, isTrusted: true, [Symbol.iterator]: function* () {},
  [Symbol.toPrimitive]: () => '' };
export const universal = new Proxy(target, {
  get: (_, name) => (String(name).startsWith('show') ? promised : name in special ? special[name] : name === 'prototype' ? target.prototype : name === 'get' ? (_key, value) => value : universal),
  set: () => true,
  apply: () => universal,
  construct: () => ({ dispose() {}, event: () => universal, fire() {} }),
});
${[...new Set([...names].map(([, name]) => name))].map((name) => `export const ${name} = universal;`).join('\n')}
`;
}

export const bench: Bench = {
  name: 'activation',
  async run() {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ba-'));
    try {
      const stub = path.join(folder, 'vscode.mjs');
      const empty = path.join(folder, 'empty.mjs');
      const script = path.join(folder, 'probe.mjs');
      writeFileSync(stub, stubSource());
      writeFileSync(empty, "import 'vscode';\nexport function activate() {}\n");
      writeFileSync(script, probe);
      const measure = (module: string): number => {
        const env = {
          ...process.env,
          BENCH_VSCODE: pathToFileURL(stub).href,
          BENCH_FOLDER: folder,
          BENCH_MODULE: pathToFileURL(module).href,
        };
        const output = execFileSync(process.execPath, [script], { env, encoding: 'utf8' });
        return Number(output.trim().split('\n').at(-1));
      };
      const extension = path.join(root, 'dist', 'extension.js');
      const times = { extension: [] as number[], empty: [] as number[] };
      // In turn, so that what else the machine does falls on both.
      for (let round = 0; round < rounds; round++) {
        times.empty.push(measure(empty));
        times.extension.push(measure(extension));
      }
      return [
        {
          name: 'load and activate',
          value: median(times.extension),
          unit: 'ms',
          baseline: median(times.empty),
          baselineName: 'a module that does nothing',
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
