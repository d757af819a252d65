// The README's table of settings, made from the manifest, so that the two cannot differ.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';

const head = '| key | type | default | scope |\n|---|---|---|---|\n';

/** The table as it has to stand in the README. */
export function settingsTable() {
  const { contributes } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const rows = Object.entries(contributes.configuration.properties).map(
    ([key, { type, default: value, scope }]) => `| \`${key}\` | ${type} | \`${JSON.stringify(value)}\` | ${scope} |`,
  );
  return `${head}${rows.join('\n')}\n`;
}

/** The README with its table replaced by the manifest's. */
export function withSettingsTable(/** @type {string} */ readme) {
  return readme.replace(
    /\| key \| type \| default \| scope \|\n\|---\|---\|---\|---\|\n(?:.*\n)*?(?=\n)/,
    settingsTable,
  );
}
