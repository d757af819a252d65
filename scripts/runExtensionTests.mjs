// Runs the tests of test/extension inside a real VS Code: code-server, or the desktop one that
// GREENROOM_CODE names (`download` fetches one).
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { buildExtensionTests } from './lib/buildTests.mjs';
import { root } from './lib/paths.mjs';
import { cleanEnvironment } from './lib/processes.mjs';
import { createSampleFolder } from './lib/sampleFolder.mjs';

const extensionTestsPath = await buildExtensionTests();
const wanted = cleanEnvironment();
for (const name of Object.keys(process.env)) if (!(name in wanted)) delete process.env[name];
const folder = mkdtempSync(path.join(os.tmpdir(), 'ex-'));
const code = process.env['GREENROOM_CODE'] || path.join(root, 'scripts', 'vscodeLauncher.mjs');
try {
  await runTests({
    ...(code === 'download' ? {} : { vscodeExecutablePath: code }),
    extensionDevelopmentPath: root,
    extensionTestsPath,
    launchArgs: [createSampleFolder(folder), '--disable-workspace-trust'],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
