import { type CallToolResult, ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import type { Clock, Log } from '../../core/ports.ts';
import type { Tool } from '../../core/tools/tool.ts';
import { CallProgress } from './callProgress.ts';
import { toolServer } from './ownTools.ts';
import { maxOutputBytes, type ToolCalls } from './toolCalls.ts';
import { type TunnelPorts, TunnelTransport } from './tunnelTransport.ts';

export interface TunnelOptions {
  readonly tools: readonly Tool[];
  readonly calls: ToolCalls;
  readonly clock: Clock;
  readonly log: Log;
  readonly ports: TunnelPorts;
  /** What a call says while it is at work. */
  readonly onOutput: (toolCallId: string, text: string) => void;
}

/** Where the CLI says which of the model's calls it makes. */
const callIdKey = 'claudecode/toolUseId';

/**
 * Our tools as an MCP server for one process of the CLI, in the frames of its control protocol: no port, no token. Loaded
 * with the first run that has tools.
 */
export class McpTunnel {
  readonly #options: TunnelOptions;
  readonly #transport: TunnelTransport;
  readonly #server: Server;

  private constructor(options: TunnelOptions) {
    this.#options = options;
    this.#transport = new TunnelTransport(options.ports);
    this.#server = new Server({ name: toolServer, title: 'Greenroom', version: '1' }, { capabilities: { tools: {} } });
    this.#server.onerror = (error) => {
      this.#transport.noteProblem(error.message);
      options.log.warn(`claude-code: our tools: ${error.message.slice(0, 200)}`);
    };
    this.#server.setRequestHandler('tools/list', () => ({ tools: options.tools.map(listed) }));
    this.#server.setRequestHandler('tools/call', ({ params }, context) =>
      this.#call(params.name, params.arguments, params._meta ?? {}, context.mcpReq),
    );
  }

  static async open(options: TunnelOptions): Promise<McpTunnel> {
    const tunnel = new McpTunnel(options);
    await tunnel.#server.connect(tunnel.#transport);
    return tunnel;
  }

  /** A message that came in a control request. */
  receive(controlId: string, message: unknown): void {
    this.#transport.receive(controlId, message);
  }

  /** Aborts every call. */
  async close(): Promise<void> {
    this.#options.calls.close();
    await this.#server.close();
  }

  async #call(
    name: string,
    input: unknown,
    meta: { readonly progressToken?: string | number | undefined; readonly [key: string]: unknown },
    request: { readonly id: string | number; readonly signal: AbortSignal },
  ): Promise<CallToolResult> {
    const { calls, clock, onOutput, ports } = this.#options;
    if (!calls.has(name)) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 100)}`);
    }
    const { progressToken, [callIdKey]: id } = meta;
    const toolCallId = typeof id === 'string' ? id : undefined;
    const progress = new CallProgress({
      clock,
      report:
        progressToken === undefined
          ? undefined
          : (count, message) =>
              ports.send({
                jsonrpc: '2.0',
                method: 'notifications/progress',
                params: { progressToken, progress: count, ...(message === undefined ? {} : { message }) },
              }),
      show: (text) => {
        if (toolCallId !== undefined) {
          onOutput(toolCallId, text);
        }
      },
    });
    try {
      const { text, isError } = await calls.call({
        name,
        input: input ?? {},
        toolCallId,
        signal: request.signal,
        progress: (said) => progress.said(said),
      });
      return { content: [{ type: 'text', text }], ...(isError ? { isError } : {}) };
    } finally {
      progress.dispose();
    }
  }
}

function listed({ name, description, inputSchema, isReadOnly }: Tool) {
  return {
    name,
    description,
    inputSchema: { ...inputSchema, type: 'object' as const },
    // The CLI runs calls side by side only of tools that say so.
    annotations: { readOnlyHint: isReadOnly === true },
    // In every request of the model, not only after a search for it; and an answer of ours is not cut a second time.
    _meta: { 'anthropic/alwaysLoad': true, 'anthropic/maxResultSizeChars': maxOutputBytes + 1000 },
  };
}
