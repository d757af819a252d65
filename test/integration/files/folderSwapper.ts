// Exchanges a folder and a symbolic link without end: `folderSwapper.ts folder outside`. Writes a line when it has begun.
import fs from 'node:fs';

const [folder = '', outside = ''] = process.argv.slice(2);
const [link, away] = [`${folder}.link`, `${folder}.away`];
fs.symlinkSync(outside, link);
/** Whoever writes meanwhile may make a folder where one is missing. */
const move = (from: string, to: string): void => {
  try {
    fs.renameSync(from, to);
  } catch {
    fs.rmSync(to, { recursive: true, force: true });
    fs.renameSync(from, to);
  }
};
for (let round = 0; ; round++) {
  move(folder, away);
  move(link, folder);
  move(folder, link);
  move(away, folder);
  if (round === 0) {
    fs.writeSync(1, 'begun\n');
  }
}
