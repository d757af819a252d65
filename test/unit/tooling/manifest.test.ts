import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withSettingsTable } from '../../../scripts/lib/settingsTable.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');
const manifest = JSON.parse(read('package.json'));

describe('The manifest', () => {
  it('lets no workspace set what starts a program, lowers a guard or names an address', () => {
    const guarded = /\.(command|args|env|permissionMode|projectSettings|ownBackgroundShells|baseUrl)$|\.approvals\./;
    const properties: Record<string, { scope?: string }> = manifest.contributes.configuration.properties;
    const open = Object.keys(properties).filter(
      (key) => guarded.test(key) && !['machine', 'application'].includes(properties[key]?.scope ?? ''),
    );
    assert.deepEqual(open, []);
  });

  it('restricts in an untrusted folder only settings that exist', () => {
    const properties = Object.keys(manifest.contributes.configuration.properties);
    const restricted: string[] = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    assert.deepEqual(
      restricted.filter((key) => !properties.includes(key)),
      [],
    );
  });

  it('offers in its menus only commands that it declares, and pictures that exist', () => {
    const declared: string[] = manifest.contributes.commands.map(({ command }: { command: string }) => command);
    const menus: Record<string, { command: string }[]> = manifest.contributes.menus;
    const offered = Object.values(menus).flatMap((items) => items.map(({ command }) => command));
    assert.deepEqual(
      offered.filter((command) => !declared.includes(command)),
      [],
    );
    const pictures = [...read('package.json').matchAll(/"(media\/[^"]+)"/g)].map(([, file]) => file ?? '');
    assert.deepEqual(
      pictures.filter((file) => !existsSync(path.join(root, file))),
      [],
    );
  });

  it('is what the table of settings in the README says', () => {
    const readme = read('README.md');
    assert.ok(readme.includes('| `greenroom.defaultRuntime` |'));
    assert.equal(readme, withSettingsTable(readme), 'run `npm run readme`');
  });

  it('pins every dependency to one version', () => {
    for (const file of ['package.json', 'tools/package.json', 'tools/packaging/package.json']) {
      const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read(file));
      const versions: Record<string, string> = { ...dependencies, ...devDependencies, ...optionalDependencies };
      const loose = Object.keys(versions).filter(
        (name) => !/^(npm:(@[\w-]+\/)?[\w-]+@)?\d+\.\d+\.\d+$/.test(versions[name] ?? ''),
      );
      assert.deepEqual(loose, [], file);
    }
  });

  it('names no registry in its lock files', () => {
    for (const file of ['package-lock.json', 'tools/package-lock.json', 'tools/packaging/package-lock.json']) {
      assert.equal(/"resolved"/.test(read(file)), false, file);
    }
  });
});
