// Finding a desktop VS Code.
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const programFiles = [
  process.env['ProgramFiles'],
  process.env['LOCALAPPDATA'] && `${process.env['LOCALAPPDATA']}\\Programs`,
];
/** @type {Partial<Record<NodeJS.Platform, string[]>>} */
const places = {
  darwin: ['/Applications', path.join(os.homedir(), 'Applications')].flatMap((folder) =>
    ['Visual Studio Code', 'Visual Studio Code - Insiders'].map(
      (name) => `${folder}/${name}.app/Contents/Resources/app/bin/code`,
    ),
  ),
  win32: programFiles.filter(Boolean).map((folder) => `${folder}\\Microsoft VS Code\\bin\\code.cmd`),
  linux: ['/usr/share/code/bin/code', '/usr/lib/code/bin/code', '/snap/bin/code', '/opt/visual-studio-code/bin/code'],
};

/** The command line of a desktop VS Code on PATH or in the usual places. */
export function findDesktopCode() {
  // Inside a remote window `code` on PATH is a helper that reaches the window, not a program of its own.
  const isRemoteHelper = (/** @type {string} */ file) => file.includes('remote-cli');
  const name = process.platform === 'win32' ? 'code.cmd' : 'code';
  const onPath = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter(Boolean)
    .map((folder) => path.join(folder, name));
  return [...onPath, ...(places[process.platform] ?? [])].find((file) => existsSync(file) && !isRemoteHelper(file));
}
