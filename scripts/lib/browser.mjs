// Finding and starting a Chromium-like browser for tests.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

/** Debian's Chromium without a window: it starts faster than the whole one, and draws with less work. */
const headlessShell = 'chromium-headless-shell';
const names = [
  headlessShell,
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'msedge',
];
const places = {
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
    (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
  ),
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap((variable) =>
    ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((file) =>
      path.join(process.env[variable] ?? 'C:\\', file),
    ),
  ),
};

function isExecutable(/** @type {string} */ file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser named by CHROMIUM, else the first kind that is on PATH or in the usual places. */
export function findBrowser() {
  const asked = process.env['CHROMIUM'];
  if (asked) return isExecutable(asked) ? asked : undefined;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const onPath = names.flatMap((name) =>
    folders.map((folder) => path.join(folder, process.platform === 'win32' ? `${name}.exe` : name)),
  );
  return [...onPath, ...(places[process.platform] ?? [])].find(isExecutable);
}

export const browserAdvice =
  'No Chromium, Chrome or Edge was found. Install one of them (Debian: `apt-get install chromium-headless-shell`), or set CHROMIUM to its path.';

/**
 * As root on Debian a package is installed; elsewhere nothing is done.
 * @param {string[]} packages @param {string} what @param {(message: string) => void} say
 */
function installWithApt(packages, what, say) {
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) return;
  say(`browser: installing ${what} with apt-get (once)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (/** @type {string[]} */ ...args) =>
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], { env, encoding: 'utf8' });
  apt('update');
  const { status, stderr } = apt('install', '-y', '--no-install-recommends', ...packages);
  if (status !== 0) say(`browser: apt-get could not install it: ${stderr.trim().slice(-500)}`);
}

/** The browser, installed where that can be done. */
export function ensureBrowser(say = (/** @type {string} */ message) => console.log(message)) {
  if (!findBrowser()) installWithApt([headlessShell], "Debian's Chromium without a window", say);
  return findBrowser();
}

export const fontAdvice =
  'No font with Chinese characters was found: the pictures of the Chinese workbench would show boxes. Install one (Debian: `apt-get install fonts-noto-cjk`).';

/** Whether pictures can show Chinese characters; systems other than Linux bring a font for them. */
export function hasChineseFont() {
  if (process.platform !== 'linux') return true;
  const { stdout } = spawnSync('fc-list', [':lang=zh-cn', 'family'], { encoding: 'utf8' });
  return (stdout ?? '').trim() !== '';
}

/** A missing font for Chinese characters is installed where that can be done. */
export function ensureFont(say = (/** @type {string} */ message) => console.log(message)) {
  if (!hasChineseFont()) installWithApt(['fonts-noto-cjk', 'fontconfig'], 'a font with Chinese characters', say);
}

/** Starts a headless browser that reaches nothing but this machine. */
export function launchBrowser() {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error(browserAdvice);
  return chromium.launch({
    executablePath,
    // Chromium's own sandbox does not work for root.
    chromiumSandbox: process.platform !== 'linux' || process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
}
