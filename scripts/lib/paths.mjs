// Where the project's own things and the tools are. Nothing here touches the disk beyond looking.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The tools may live elsewhere, so that several clones share one installation. */
export const toolsDir = path.resolve(process.env['GREENROOM_TOOLS_DIR'] || path.join(root, 'tools'));

const toolsModules = path.join(toolsDir, 'node_modules');
const firstExisting = (/** @type {string[]} */ candidates) => candidates.find((candidate) => existsSync(candidate));

/** The tools' own Node, if there is one for this platform. */
export function toolsNode() {
  return firstExisting(
    [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`].map((name) =>
      path.join(toolsModules, name, 'bin', 'node'),
    ),
  );
}

/** The entry script of code-server, if it is installed. */
export function codeServerEntry() {
  return firstExisting([path.join(toolsModules, 'code-server', 'out', 'node', 'entry.js')]);
}

/** The pinned Claude Code program, if there is one for this platform. */
export function pinnedClaude() {
  return firstExisting([
    path.join(toolsModules, '@anthropic-ai', `claude-code-${process.platform}-${process.arch}`, 'claude'),
  ]);
}

/**
 * Whether a Node of this version runs everything here: type stripping without a flag, and jsdom.
 * @param {string} version
 */
export function isNewEnough(version) {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 2);
  return (major === 24 && minor >= 15) || major >= 26;
}

/** The Node that runs TypeScript from source: the current one if it can, else the tools'. */
export function testNode() {
  return isNewEnough(process.versions.node) ? process.execPath : toolsNode();
}
