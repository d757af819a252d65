import type { ClaudeCodeServices, SecretFile } from './services.ts';

/** Files by which a repository gives the CLI orders that are not words. */
export const repositoryFiles: readonly string[] = ['.claude/settings.json', '.claude/settings.local.json', '.mcp.json'];

export interface Isolation {
  readonly settingsFile: string;
  readonly mcpConfigFile: string;
}

/** Writes the settings that keep a repository's own from acting. */
export async function isolate(
  services: ClaudeCodeServices,
  env: Readonly<Record<string, string>>,
  _cwd: string,
  files: SecretFile[],
): Promise<Isolation> {
  const write = async (content: unknown): Promise<string> => {
    const file = await services.writeSecretFile(JSON.stringify(content));
    files.push(file);
    return file.path;
  };
  return {
    settingsFile: await write({ disableAllHooks: true, env: { ANTHROPIC_BASE_URL: env['ANTHROPIC_BASE_URL'] ?? '' } }),
    mcpConfigFile: await write({ mcpServers: {} }),
  };
}
