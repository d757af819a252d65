import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { launchBrowser } from '../../../scripts/lib/browser.mjs';
import { thriftyPage } from '../../../scripts/lib/workbenchPage.mjs';

const startScript = path.resolve(import.meta.dirname, '..', '..', '..', 'scripts', 'start.mjs');
const readyTimeoutMs = 60_000;

describe('npm start', () => {
  it('asks for its password, opens the folder untrusted with Greenroom in it, and ends with Ctrl-C', async () => {
    const data = mkdtempSync(path.join(os.tmpdir(), 'st-'));
    const temporary = path.join(data, 't');
    mkdirSync(temporary);
    const env = { ...process.env, TMPDIR: temporary };
    const child = spawn(process.execPath, [startScript, '--web', '--no-open', '--data', data], { env });
    const exited = once(child, 'exit');
    const browser = await launchBrowser();
    try {
      let output = '';
      const { address, password } = await new Promise<{ address: string; password: string }>((resolve, reject) => {
        const onData = (chunk: Buffer): void => {
          output += chunk;
          const [, found] = /Address: +(\S+)/.exec(output) ?? [];
          const [, secret] = /Password: +(\S+)/.exec(output) ?? [];
          if (found !== undefined && secret !== undefined) resolve({ address: found, password: secret });
        };
        child.stdout.on('data', onData);
        child.stderr.on('data', onData);
        child.on('exit', () => reject(new Error(output)));
      });

      const page = await browser.newPage(thriftyPage);
      await page.goto(address);
      await page.locator('input[type=password]').fill(password);
      await page.keyboard.press('Enter');
      await page.locator('.monaco-workbench').waitFor({ timeout: readyTimeoutMs });
      await page.locator('.activitybar a[aria-label^="Greenroom"]').waitFor({ timeout: readyTimeoutMs });
      await page
        .getByText(/Do you trust the authors|Restricted Mode/)
        .first()
        .waitFor({ timeout: readyTimeoutMs });

      child.kill('SIGINT');
      assert.deepEqual(await exited, [0, null]);
      // VS Code's own extension host leaves its socket where it is ended before it could take it away.
      const left = readdirSync(temporary).filter((name) => !/^vscode-ipc-[\w-]+\.sock$/.test(name));
      assert.deepEqual(left, []);
    } finally {
      await browser.close();
      child.kill('SIGTERM');
      await exited;
      rmSync(data, { recursive: true, force: true });
    }
  });
});
