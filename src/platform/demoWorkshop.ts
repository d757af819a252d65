import { constants, promises as fs } from 'node:fs';
import path from 'node:path';
import { SerialQueue } from '../base/async.ts';
import { GreenroomError } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import type { Clock, ProcessLauncher } from '../core/ports.ts';
import { removeTemporaries, replaceFile } from './replaceFile.ts';
import { folderMode } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

const maxFileBytes = 256 * 1024;
const maxOutputBytes = 256 * 1024;
const stopGraceMs = 500;
/** Replacing a file takes no time: what is older was left by a crash. */
const leftoverMs = 60_000;
const plainName = /^[a-z0-9][a-z0-9.-]*$/u;
/** Where systems keep `sort` and its like; never what the person's PATH or a workspace adds. */
const posixPath = '/usr/bin:/bin:/run/current-system/sw/bin';

export interface DemoWorkshopOptions {
  /** Absolute; the folder is made when it is needed, and belongs to the demo alone. */
  readonly folder: string;
  readonly clock: Clock;
  readonly launcher: ProcessLauncher;
  readonly timeLimitSeconds?: number;
}

/** The demo's folder on this machine, and commands that run in it. */
export function createDemoWorkshop({ folder, clock, launcher, timeLimitSeconds = 20 }: DemoWorkshopOptions) {
  const writes = new SerialQueue();

  const pathOf = (name: string): string => {
    if (!plainName.test(name)) {
      throw refusal(t('The demo works on files of its own folder only, not on {0}.', name));
    }
    return path.join(folder, name);
  };

  const assertFolder = async (): Promise<void> => {
    if ((await kindOf(folder)) !== 'folder') {
      throw refusal(t("The demo's folder is missing or damaged: {0}. The next message makes it anew.", folder));
    }
  };

  const read = async (name: string): Promise<string | undefined> => {
    const file = pathOf(name);
    await assertFolder();
    return readPlainText(file);
  };

  return {
    folder,
    shell: process.platform === 'win32' ? ('cmd' as const) : ('posix' as const),

    prepare: (files: Readonly<Record<string, string>>) =>
      writes.run(async () => {
        const found = await kindOf(folder);
        let repaired = found !== 'folder' && found !== undefined;
        if (repaired) {
          await fs.rm(folder);
        }
        await fs.mkdir(folder, { recursive: true, mode: folderMode });
        removeTemporaries(folder, leftoverMs, clock.now());
        for (const [name, content] of Object.entries(files)) {
          if (!(await isWhole(pathOf(name)))) {
            repaired ||= found === 'folder';
            await fs.rm(pathOf(name), { recursive: true, force: true });
            await replaceFile(pathOf(name), content);
          }
        }
        return repaired ? ('repaired' as const) : found === 'folder' ? ('whole' as const) : ('made' as const);
      }),

    read,

    change: (name: string, change: (before: string) => string | undefined) =>
      writes.run(async () => {
        const before = (await read(name)) ?? '';
        const after = change(before);
        if (after === undefined) {
          return undefined;
        }
        // A new file takes the old one's name: whatever that was, it is not written through.
        await replaceFile(pathOf(name), after);
        return { before, after };
      }),

    async run(command: string, onOutput: (text: string) => void, signal: AbortSignal) {
      await assertFolder();
      await assertNoLinks(folder);
      signal.throwIfAborted();
      const started = await launcher.launch({ ...shellFor(command), cwd: folder, env: environment(folder) });
      const decoder = new TextDecoder();
      let output = '';
      let keptBytes = 0;
      let droppedBytes = 0;
      let isLate = false;
      const keep = (text: string): void => {
        if (text !== '') {
          output += text;
          onOutput(text);
        }
      };
      started.onOutput((bytes) => {
        const kept = bytes.subarray(0, maxOutputBytes - keptBytes);
        keptBytes += kept.length;
        droppedBytes += bytes.length - kept.length;
        keep(decoder.decode(kept, { stream: true }));
      });
      started.endInput();
      const stop = (): void => void started.stop(stopGraceMs);
      const limit = clock.after(timeLimitSeconds * 1000, () => {
        isLate = true;
        stop();
      });
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) {
        stop();
      }
      const { code } = await started.ended;
      limit.dispose();
      signal.removeEventListener('abort', stop);
      keep(decoder.decode());
      return { code, output, droppedBytes, ...(isLate ? { timeLimitSeconds } : {}) };
    },
  };
}

function refusal(message: string): GreenroomError {
  return new GreenroomError({ code: 'demoFolder', message, actions: [] });
}

/** Links are `other`: they are not followed. */
async function kindOf(target: string): Promise<'folder' | 'file' | 'other' | undefined> {
  try {
    const stat = await fs.lstat(target);
    return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}

async function isWhole(file: string): Promise<boolean> {
  try {
    return (await readPlainText(file)) !== undefined;
  } catch (error) {
    if (error instanceof GreenroomError) {
      return false;
    }
    throw error;
  }
}

/** The text of a regular file that is no link; undefined if there is none. */
async function readPlainText(file: string): Promise<string | undefined> {
  const kind = await kindOf(file);
  if (kind === undefined) {
    return undefined;
  }
  if (kind !== 'file') {
    throw refusal(t('{0} is no ordinary file, so it is not read.', file));
  }
  // Between the look and the opening it could have become a link or a pipe.
  const handle = await fs.open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size > maxFileBytes) {
      throw refusal(t('{0} is too large, or no ordinary file, so it is not read.', file));
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (error) {
    throw error instanceof TypeError ? refusal(t('{0} is no text, so it is not read.', file)) : error;
  } finally {
    await handle.close();
  }
}

/** A command would follow a link out of the folder. */
async function assertNoLinks(folder: string): Promise<void> {
  const entries = await fs.readdir(folder, { withFileTypes: true });
  const link = entries.find((entry) => entry.isSymbolicLink());
  if (link !== undefined) {
    throw refusal(t("{0} is a link, so no command runs in the demo's folder.", path.join(folder, link.name)));
  }
}

function shellFor(command: string): { readonly command: string; readonly args: readonly string[] } {
  return process.platform === 'win32'
    ? { command: path.join(systemRoot(), 'System32', 'cmd.exe'), args: ['/d', '/s', '/c', command] }
    : { command: '/bin/sh', args: ['-c', command] };
}

/** Nothing of the person's or the workspace's environment. */
function environment(folder: string): Readonly<Record<string, string>> {
  return process.platform === 'win32'
    ? { SystemRoot: systemRoot(), PATH: path.join(systemRoot(), 'System32'), TEMP: folder, TMP: folder }
    : { PATH: posixPath, HOME: folder, TMPDIR: folder, LC_ALL: 'C' };
}

function systemRoot(): string {
  return process.env['SystemRoot'] ?? 'C:\\Windows';
}
