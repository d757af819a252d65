import { isRecord, parseJson, asRecord, type JsonRecord } from '../../base/json.ts';
import type { ClaudeCodeServices, SecretFile } from './services.ts';

/** Words for the agent; they stay in force whatever else a repository says. */
const instructionFiles = ['CLAUDE.md', '.claude/CLAUDE.md', 'CLAUDE.local.md'] as const;

export interface Isolation {
  /** Folders whose instructions are read. */
  readonly folders: readonly string[];
  /** The person's own MCP servers, if they have any. */
  readonly mcpConfigFile: string | undefined;
}

/** Has the CLI read the instructions in the folders that are given to it by name, which it does not do by itself. */
export const isolationEnv: Readonly<Record<string, string>> = {
  CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD: '1',
};

/**
 * What a run needs so that nothing of the repository acts by itself. Only the person's own settings are loaded, which
 * leaves out the repository's hooks, environment, helpers, plugins, skills, commands and agents; overriding them one by one
 * is not enough: `apiKeyHelper`, `BASH_ENV`, `PATH` and the commands in a skill's text all act before any tool is asked
 * for. What is lost with it is given back: instructions by folder, the person's MCP servers by file.
 */
export async function isolate(
  services: ClaudeCodeServices,
  env: Readonly<Record<string, string>>,
  cwd: string,
  mcpServers: JsonRecord,
  files: SecretFile[],
): Promise<Isolation> {
  const home = env['HOME'] ?? env['USERPROFILE'] ?? '';
  const folders = [cwd];
  for (const folder of foldersAbove(cwd, home)) {
    const texts = await Promise.all(instructionFiles.map((name) => services.readText(`${folder}/${name}`)));
    if (texts.some((text) => text !== undefined)) {
      folders.push(folder);
    }
  }
  if (Object.keys(mcpServers).length === 0) {
    return { folders, mcpConfigFile: undefined };
  }
  const file = await services.writeSecretFile(JSON.stringify({ mcpServers }));
  files.push(file);
  return { folders, mcpConfigFile: file.path };
}

/** The servers that the person has added for themselves: everywhere, or for this folder. */
export async function ownMcpServers(
  services: ClaudeCodeServices,
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<JsonRecord> {
  const folder = env['CLAUDE_CONFIG_DIR'] ?? env['HOME'] ?? env['USERPROFILE'] ?? '';
  const fields = asRecord(parseJson((await services.readText(`${folder}/.claude.json`)) ?? '{}'));
  const project = asRecord(asRecord(fields['projects'])[cwd]);
  return Object.fromEntries(
    [fields, project].flatMap((scope) =>
      Object.entries(asRecord(scope['mcpServers'])).filter(([, server]) => isRecord(server)),
    ),
  );
}

/** The folders above `cwd`, nearest first, without the person's own and what is above it. */
function foldersAbove(cwd: string, home: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = parentOf(cwd); folder !== undefined; folder = parentOf(folder)) {
    if (folder === home || home.startsWith(`${folder}/`) || home.startsWith(`${folder}\\`)) {
      break;
    }
    folders.push(folder);
  }
  return folders;
}

function parentOf(folder: string): string | undefined {
  const at = Math.max(folder.lastIndexOf('/'), folder.lastIndexOf('\\'));
  return at <= 0 ? undefined : folder.slice(0, at);
}
