// The licences of what the bundle contains: they have to go with every copy of it.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';

const head = 'Greenroom contains the following packages, under the licences below.\n';

/** One text with the licences of all packages that the extension depends on; node-pty brings its own. */
export function thirdPartyNotices() {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const used = Object.keys(packages).filter(
    (place) => place !== '' && !packages[place].dev && !packages[place].optional,
  );
  const notices = used.sort().map((place) => {
    const { version, license } = packages[place];
    const folder = path.join(root, place);
    const files = readdirSync(folder).filter((name) => /^(licen[sc]e|notice)/i.test(name));
    if (files.length === 0) throw new Error(`${place} has no licence that could be passed on.`);
    const texts = files
      .sort()
      .map((name) => readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
    return `${place.replace(/^.*node_modules\//, '')} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
  });
  return [head, ...notices].join(`\n${'-'.repeat(80)}\n\n`);
}
