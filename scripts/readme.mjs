// Writes the manifest's settings into the README's table.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './lib/paths.mjs';
import { withSettingsTable } from './lib/settingsTable.mjs';

const file = path.join(root, 'README.md');
writeFileSync(file, withSettingsTable(readFileSync(file, 'utf8')));
