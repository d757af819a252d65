// `npm run package`: makes a VSIX per platform in out/vsix; `-- --target linux-x64` makes that one, `--out folder` puts it elsewhere.
import { statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './lib/paths.mjs';
import { buildVsix, vsixTargets } from './lib/vsix.mjs';

try {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true, default: vsixTargets },
      out: { type: 'string', default: path.join(root, 'out', 'vsix') },
    },
  });
  const unknown = values.target.filter((target) => !vsixTargets.includes(target));
  if (unknown.length > 0) {
    throw new Error(`There is no package for ${unknown.join(', ')}: the targets are ${vsixTargets.join(', ')}.`);
  }
  for (const file of await buildVsix(values.target, path.resolve(values.out))) {
    console.log(`${path.relative(root, file)} ${(statSync(file).size / 1024).toFixed(0)} KiB`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
