import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Clock, ProcessLauncher } from '../core/ports.ts';
import type { FoundLine, TextSearch } from '../core/tools/workFiles.ts';
import { findExecutable } from './findExecutable.ts';
import { slowSearch } from './slowSearch.ts';

export interface RipgrepOptions {
  readonly launcher: ProcessLauncher;
  readonly clock: Clock;
  /** Where VS Code is installed, for its copy. */
  readonly appRoot?: string;
}

/** Longer than anything that somebody would wait for. */
const searchTimeoutMs = 30_000;
const maxOutputBytes = 8 * 1024 * 1024;
const stopGraceMs = 200;
/** Nobody looks for what git itself keeps. */
const never = ['--glob', '!**/.git/**'];

/** Where VS Code and its builds for servers keep ripgrep, below their own folder. */
const places = ['node_modules.asar.unpacked', 'node_modules'].flatMap((modules) => [
  `${modules}/@vscode/ripgrep-universal/bin/${process.platform}-${process.arch}`,
  `${modules}/@vscode/ripgrep/bin`,
  `${modules}/vscode-ripgrep/bin`,
]);

/** Searches with ripgrep: VS Code's own, else one of the `PATH`, else without it, which is slower and said. */
export function ripgrep(options: RipgrepOptions): TextSearch {
  let known: string | undefined;
  const locate = (): string | undefined => {
    known = known !== undefined && existsSync(known) ? known : locateRipgrep(options.appRoot);
    return known;
  };
  return {
    async lines(query, signal) {
      const program = locate();
      if (program === undefined) {
        return slowSearch.lines(query, signal);
      }
      const { pattern, ignoreCase, glob, path: place, most } = query;
      const args = [
        ...common,
        '--line-number',
        '--with-filename',
        '--no-heading',
        '--null',
        '--max-columns=1000',
        '--max-columns-preview',
        ...(ignoreCase ? ['--ignore-case'] : []),
        ...(glob === undefined ? [] : ['--glob', glob]),
        ...never,
        '--regexp',
        pattern,
        '--',
        place,
      ];
      const folder = await folderOf(place);
      const { lines, isCut, note } = await run(options, { program, args, cwd: folder, most, separator: '\n' }, signal);
      const items = lines.flatMap((line): readonly FoundLine[] => {
        const parts = /^([^\0]+)\0(\d+):([\s\S]*)$/.exec(line);
        const [, file = '', number = '', text = ''] = parts ?? [];
        return parts === null ? [] : [{ path: path.relative(folder, file), line: Number(number), text }];
      });
      return { items, isCut, ...(note === undefined ? {} : { note }) };
    },
    async files({ glob, folder, most }, signal) {
      const program = locate();
      if (program === undefined) {
        return slowSearch.files({ glob, folder, most }, signal);
      }
      const args = [...common, '--files', '--null', '--sort', 'path', '--glob', glob, ...never, '--', '.'];
      const { lines, isCut, note } = await run(options, { program, args, cwd: folder, most, separator: '\0' }, signal);
      const items = lines.map((line) => line.replace(/^\.\//, ''));
      return { items, isCut, ...(note === undefined ? {} : { note }) };
    },
  };
}

/** No file of settings is read: it could name a program to run. */
const common = ['--no-config', '--color=never', '--hidden', '--no-messages'];

function locateRipgrep(appRoot: string | undefined): string | undefined {
  const name = process.platform === 'win32' ? 'rg.exe' : 'rg';
  const own = appRoot === undefined ? [] : places.map((place) => path.join(appRoot, place, name));
  return (
    own.find((candidate) => existsSync(candidate)) ??
    findExecutable('rg', { path: process.env['PATH'] ?? '', places: [] })
  );
}

async function folderOf(place: string): Promise<string> {
  const { promises } = await import('node:fs');
  return (await promises.stat(place)).isDirectory() ? place : path.dirname(place);
}

interface Search {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly most: number;
  readonly separator: string;
}

/** What it found, up to `most`; then it is ended. Rejects with what ripgrep says of a pattern that is none. */
async function run(
  { launcher, clock }: RipgrepOptions,
  { program, args, cwd, most, separator }: Search,
  signal: AbortSignal,
): Promise<{ readonly lines: readonly string[]; readonly isCut: boolean; readonly note?: string }> {
  const { RIPGREP_CONFIG_PATH: _config, ...env } = process.env;
  const running = await launcher.launch({
    command: program,
    args,
    cwd,
    env: Object.fromEntries(Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
  });
  const decoder = new TextDecoder();
  let text = '';
  let bytesSeen = 0;
  let count = 0;
  let why: 'most' | 'time' | 'stopped' | undefined;
  const end = (reason: typeof why): void => {
    if (why === undefined) {
      why = reason;
      running.stop(stopGraceMs).catch(() => undefined);
    }
  };
  running.endInput();
  running.onOutput((bytes) => {
    if (why !== undefined) {
      return;
    }
    bytesSeen += bytes.length;
    const piece = decoder.decode(bytes, { stream: true });
    text += piece;
    count += piece.split(separator).length - 1;
    if (bytesSeen > maxOutputBytes || count > most) {
      end('most');
    }
  });
  const timer = clock.after(searchTimeoutMs, () => end('time'));
  const onAbort = (): void => end('stopped');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  try {
    const { code } = await running.ended;
    const lines = text.split(separator).filter((line) => line !== '');
    // 1: nothing was found. 2: something is wrong, although there may be results too.
    if (why === undefined && code === 2 && /regex parse error|error parsing|invalid|unrecognized/i.test(text)) {
      throw new Error(text.trim().slice(0, 1_000));
    }
    return {
      lines: lines.slice(0, most),
      isCut: why !== undefined || lines.length > most,
      ...(why === 'time' ? { note: `the search was ended after ${searchTimeoutMs / 1000} seconds` } : {}),
    };
  } finally {
    timer.dispose();
    signal.removeEventListener('abort', onAbort);
  }
}
