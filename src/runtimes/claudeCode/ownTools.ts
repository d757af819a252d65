import { asArray, asRecord, asString } from '../../base/json.ts';
import type { Tool } from '../../core/tools/tool.ts';

/** The server that Greenroom's tools are to the CLI. */
export const toolServer = 'greenroom';
const prefix = `mcp__${toolServer}__`;

/** Greenroom's tools by the names that the CLI gives them. */
export class OwnTools {
  readonly all: readonly Tool[];
  readonly #byCliName: ReadonlyMap<string, Tool>;
  #othersAnswerToo = false;

  constructor(tools: readonly Tool[]) {
    this.all = tools;
    this.#byCliName = new Map(tools.map((tool) => [`${prefix}${tool.name}`, tool]));
  }

  /**
   * The tool that a call means; undefined if it is none of ours. `server` is where the CLI says that the tool comes
   * from: the person may have a server of the same name, whose tools are judged like any other's.
   */
  find(cliName: string, server?: unknown): Tool | undefined {
    const isOurs = server === undefined ? !this.#othersAnswerToo : asRecord(server)['source'] === 'sdk';
    return isOurs ? this.#byCliName.get(cliName) : undefined;
  }

  /** What the model calls a tool of ours; undefined if there is none of that name. */
  cliNameOf(name: string): string | undefined {
    const cliName = `${prefix}${name}`;
    return this.#byCliName.has(cliName) ? cliName : undefined;
  }

  /** What a person reads. */
  plainName(cliName: string): string {
    return this.find(cliName)?.name ?? cliName;
  }

  /** Takes the servers that the CLI lists, and says what is wrong with ours; undefined: nothing. */
  problemWith(servers: unknown): string | undefined {
    if (this.all.length === 0) {
      return undefined;
    }
    const named = asArray(servers)
      .map(asRecord)
      .filter((server) => server['name'] === toolServer);
    const [first] = named;
    this.#othersAnswerToo = named.length > 1 || (first?.['source'] ?? 'sdk') !== 'sdk';
    if (this.#othersAnswerToo) {
      return `another MCP server is named "${toolServer}"; its tools are not taken for Greenroom's`;
    }
    const status = asString(first?.['status']) ?? 'unknown to it';
    return status === 'connected' || status === 'pending' ? undefined : `Greenroom's tools are ${status}`;
  }
}
