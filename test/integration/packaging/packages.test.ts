import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { vsixTargets } from '../../../scripts/lib/vsix.mjs';
import { buildPackages } from '../../support/buildPackages.ts';
import { readZip, type ZipEntry } from '../../support/zip.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const maxPackageBytes = 2 * 1024 * 1024;

/** Everything in a package but node-pty's binaries; how the bundle is split is the bundler's business. */
const commonFiles = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/LICENSE.txt',
  'extension/ThirdPartyNotices.txt',
  'extension/changelog.md',
  'extension/dist/chunks/*.js',
  'extension/dist/extension.js',
  'extension/dist/reaper.js',
  'extension/dist/webview/main.css',
  'extension/dist/webview/main.js',
  'extension/l10n/bundle.l10n.zh-cn.json',
  'extension/media/greenroom.svg',
  'extension/node_modules/node-pty/LICENSE',
  'extension/node_modules/node-pty/conpty_console_list_agent.js',
  'extension/node_modules/node-pty/eventEmitter2.js',
  'extension/node_modules/node-pty/index.js',
  'extension/node_modules/node-pty/interfaces.js',
  'extension/node_modules/node-pty/package.json',
  'extension/node_modules/node-pty/requireBinary.js',
  'extension/node_modules/node-pty/shared/conout.js',
  'extension/node_modules/node-pty/terminal.js',
  'extension/node_modules/node-pty/types.js',
  'extension/node_modules/node-pty/unixTerminal.js',
  'extension/node_modules/node-pty/utils.js',
  'extension/node_modules/node-pty/windowsConoutConnection.js',
  'extension/node_modules/node-pty/windowsPtyAgent.js',
  'extension/node_modules/node-pty/windowsTerminal.js',
  'extension/node_modules/node-pty/worker/conoutSocketWorker.js',
  'extension/package.json',
  'extension/package.nls.json',
  'extension/package.nls.zh-cn.json',
  'extension/readme.md',
];

/** The binaries of each system, and the bytes that a program of that system and processor begins with. */
const binaries: Record<string, { files: string[]; isRight: (program: Buffer) => boolean }> = {
  'linux-x64': { files: ['pty.node'], isRight: (program) => elfMachine(program) === 62 },
  'linux-arm64': { files: ['pty.node'], isRight: (program) => elfMachine(program) === 183 },
  'darwin-x64': { files: ['pty.node', 'spawn-helper'], isRight: (program) => machCpu(program) === 0x01000007 },
  'darwin-arm64': { files: ['pty.node', 'spawn-helper'], isRight: (program) => machCpu(program) === 0x0100000c },
  'win32-x64': {
    files: ['conpty.node', 'conpty_console_list.node'],
    isRight: (program) => peMachine(program) === 0x8664,
  },
  'win32-arm64': {
    files: ['conpty.node', 'conpty_console_list.node'],
    isRight: (program) => peMachine(program) === 0xaa64,
  },
};

const elfMachine = (program: Buffer): number =>
  program.toString('latin1', 0, 4) === '\x7fELF' ? program.readUInt16LE(18) : 0;
const machCpu = (program: Buffer): number => (program.readUInt32LE(0) === 0xfeedfacf ? program.readUInt32LE(4) : 0);
const peMachine = (program: Buffer): number =>
  program.toString('latin1', 0, 2) === 'MZ' ? program.readUInt16LE(program.readUInt32LE(60) + 4) : 0;

describe('The packages', function () {
  this.timeout(120_000);
  let folder: string;
  const packages = new Map<string, ZipEntry[]>();
  const fileOf = (target: string, outDir = folder): string => path.join(outDir, `greenroom-${target}-${version}.vsix`);

  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'vsix-'));
    buildPackages(folder);
    for (const target of vsixTargets) packages.set(target, readZip(readFileSync(fileOf(target))));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are there for every platform that node-pty is built for, each with its own binary', () => {
    const { optionalDependencies } = JSON.parse(
      readFileSync(path.join(root, 'node_modules', 'node-pty', 'package.json'), 'utf8'),
    );
    const supported = Object.keys(optionalDependencies).map((name) => name.replace('@lydell/node-pty-', ''));
    assert.deepEqual(supported.sort(), vsixTargets.toSorted());
    for (const [target, entries] of packages) {
      const programs = entries.filter(({ name }) => name.includes(`/@lydell/node-pty-${target}/`));
      const wrong = programs.filter(
        ({ name, content }) => !name.endsWith('.json') && !binaries[target]?.isRight(content),
      );
      assert.deepEqual(
        wrong.map(({ name }) => name),
        [],
      );
      const manifest = entries.find(({ name }) => name === 'extension.vsixmanifest')?.content.toString() ?? '';
      assert.match(manifest, new RegExp(` TargetPlatform="${target}"`));
    }
  });

  it('hold what is needed, and nothing else', () => {
    for (const [target, entries] of packages) {
      const names = entries.map(({ name }) => name.replace(/chunks\/[^/]+\.js$/, 'chunks/*.js'));
      const own = ['package.json', ...(binaries[target]?.files ?? [])];
      const expected = [
        ...commonFiles,
        ...own.map((name) => `extension/node_modules/@lydell/node-pty-${target}/${name}`),
      ];
      assert.deepEqual([...new Set(names)].sort(), expected.sort(), target);
    }
  });

  it('weigh less than 2 MiB each', () => {
    for (const [target, entries] of packages) {
      const total = entries.reduce((sum, { compressedSize }) => sum + compressedSize, 0);
      assert.ok(total < maxPackageBytes, `${target}: ${total} bytes`);
    }
  });

  it('have a manifest without what only developers need', () => {
    const manifest = JSON.parse(
      packages
        .get('linux-x64')
        ?.find(({ name }) => name === 'extension/package.json')
        ?.content.toString() ?? '{}',
    );
    const left = ['private', 'scripts', 'devDependencies'].filter((key) => key in manifest);
    assert.deepEqual(
      { left, dependencies: Object.keys(manifest.dependencies) },
      { left: [], dependencies: ['node-pty'] },
    );
  });

  it('make what has to be executed executable', () => {
    for (const [target, entries] of packages) {
      const executable = entries.filter(({ mode }) => (mode & 0o111) !== 0).map(({ name }) => path.basename(name));
      assert.deepEqual(executable, target.startsWith('darwin') ? ['spawn-helper'] : [], target);
    }
  });

  it('name no source map, no registry and no place of this machine', () => {
    const registry = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim();
    const names = ['sourceMappingURL', 'registry.npmjs', '"_resolved"', root, os.homedir(), os.tmpdir()];
    const telling = [...names, ...(URL.canParse(registry) ? [new URL(registry).host] : [])];
    // A home or a temporary folder at the top, such as /root, is part of many harmless words.
    const patterns = telling.map((text) => (text.startsWith('/') ? `${text}/` : text));
    for (const [target, entries] of packages) {
      const found = entries
        .filter(({ name }) => !/\.node$|spawn-helper$/.test(name))
        .flatMap(({ name, content }) =>
          patterns.filter((text) => content.includes(text)).map((text) => `${name}: ${text}`),
        );
      assert.deepEqual(found, [], target);
    }
  });

  it('are the same bytes when they are built again, at another hour and in another place', () => {
    const again = mkdtempSync(path.join(os.tmpdir(), 'vsix-again-'));
    try {
      buildPackages(again, ['linux-x64'], { TZ: 'Asia/Tokyo', LC_ALL: 'C', SOURCE_DATE_EPOCH: '1' });
      assert.ok(readFileSync(fileOf('linux-x64', again)).equals(readFileSync(fileOf('linux-x64'))));
    } finally {
      rmSync(again, { recursive: true, force: true });
    }
  });

  it('are made from the binaries that the lock file of the extension names', () => {
    const integrityIn = (file: string): Record<string, string> => {
      const { packages: locked } = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
      return Object.fromEntries(
        vsixTargets.map((target) => [target, locked[`node_modules/@lydell/node-pty-${target}`]?.integrity]),
      );
    };
    assert.deepEqual(integrityIn('tools/packaging/package-lock.json'), integrityIn('package-lock.json'));
  });
});
