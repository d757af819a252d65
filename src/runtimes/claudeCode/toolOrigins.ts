import type { JsonRecord } from '../../base/json.ts';

/**
 * Who offers the tools of MCP servers: their definition (command, arguments, environment or address), and what the
 * repository says, where it is obeyed. What is allowed for a tool ends when either changes.
 */
export class ToolOrigins {
  readonly #servers: readonly { readonly prefix: string; readonly digest: string }[];
  readonly #projectDigest: string | undefined;

  constructor(mcpServers: JsonRecord, projectDigest: string | undefined, digest: (text: string) => string) {
    this.#projectDigest = projectDigest;
    this.#servers = Object.entries(mcpServers)
      .map(([name, server]) => ({
        prefix: `mcp__${name.replaceAll(/[^\w-]/g, '_')}__`,
        digest: digest(JSON.stringify(server) ?? ''),
      }))
      // The longest name that fits is the server's.
      .toSorted((one, other) => other.prefix.length - one.prefix.length);
  }

  /** `undefined` for a tool whose server is defined by none of both. */
  of(toolName: string): string | undefined {
    const own = this.#servers.find(({ prefix }) => toolName.startsWith(prefix))?.digest;
    const parts = toolName.startsWith('mcp__') ? [own, this.#projectDigest].filter((part) => part !== undefined) : [];
    return parts.length === 0 ? undefined : parts.join('.');
  }
}
