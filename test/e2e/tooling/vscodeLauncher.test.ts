import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const launcher = path.resolve(import.meta.dirname, '..', '..', '..', 'scripts', 'vscodeLauncher.mjs');

describe('The VS Code launcher', () => {
  it('reports a failure when the extension host ends before the tests do', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'la-'));
    try {
      const tests = path.join(folder, 'tests.cjs');
      writeFileSync(tests, 'exports.run = async () => process.exit(0);\n');
      writeFileSync(
        path.join(folder, 'package.json'),
        JSON.stringify({ name: 'nothing', publisher: 'greenroom', version: '0.0.1', engines: { vscode: '*' } }),
      );
      const args = [`--extensionDevelopmentPath=${folder}`, `--extensionTestsPath=${tests}`, folder];
      // A host that ends of itself leaves VS Code's own socket.
      const env = { ...process.env, TMPDIR: folder };
      const child = spawn(process.execPath, [launcher, ...args], { stdio: 'ignore', env });
      const [code] = await once(child, 'exit');
      assert.notEqual(code, 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
