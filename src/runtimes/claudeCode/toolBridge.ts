import { asString, type JsonRecord } from '../../base/json.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { RunContext } from '../../core/runtime.ts';
import type { McpTunnel } from './mcpTunnel.ts';
import { OwnTools, toolServer } from './ownTools.ts';
import { ToolCalls } from './toolCalls.ts';
import { ToolPermits } from './toolPermits.ts';

export interface BridgeOptions {
  readonly context: Pick<RunContext, 'tools' | 'sessionId' | 'cwd'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Answers a control request of the CLI. */
  readonly reply: (requestId: string, response: JsonRecord) => void;
  readonly refuse: (requestId: string, reason: string) => void;
  /** Sends a control request whose answer says nothing. */
  readonly tell: (request: JsonRecord) => void;
  readonly onOutput: (toolCallId: string, text: string) => void;
}

/** What one run has of Greenroom's tools: their names, what was allowed, and the tunnel to the process that runs now. */
export class ToolBridge {
  readonly tools: OwnTools;
  readonly permits = new ToolPermits();
  readonly #options: BridgeOptions;
  #calls: ToolCalls | undefined;
  #tunnel: McpTunnel | undefined;
  #problem: string | undefined;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.tools = new OwnTools(options.context.tools ?? []);
  }

  /** Whether a call is at work. */
  get busy(): boolean {
    return (this.#calls?.runningCount ?? 0) > 0;
  }

  /** Makes the tools ready for a process. What has to stand in its greeting; nothing, if there are none. */
  async open(): Promise<JsonRecord> {
    const { context, clock, log, reply, refuse, tell, onOutput } = this.#options;
    const tools = this.tools.all;
    if (tools.length === 0) {
      return {};
    }
    try {
      const { McpTunnel } = await import('./mcpTunnel.ts');
      const { sessionId, cwd } = context;
      const calls = new ToolCalls({ tools, permits: this.permits, sessionId, cwd, log });
      this.#calls = calls;
      this.#tunnel = await McpTunnel.open({
        tools,
        calls,
        clock,
        log,
        onOutput,
        ports: {
          reply: (controlId, message) => reply(controlId, { mcp_response: message }),
          refuse,
          send: (message) => tell({ subtype: 'mcp_message', server_name: toolServer, message }),
        },
      });
      return { sdkMcpServers: [toolServer] };
    } catch (error) {
      log.error('claude-code: the run goes without our tools', error);
      return {};
    }
  }

  /** `mcp_message`: the CLI speaks to a server of ours. */
  receive(requestId: string, request: JsonRecord): void {
    if (this.#tunnel === undefined || request['server_name'] !== toolServer) {
      this.#options.refuse(requestId, `no such server: ${asString(request['server_name']) ?? ''}`);
    } else {
      this.#tunnel.receive(requestId, request['message']);
    }
  }

  /** What the CLI says of its servers when a turn begins. */
  observe(servers: unknown): void {
    const problem = this.tools.problemWith(servers);
    const isNews = problem !== this.#problem;
    this.#problem = problem;
    if (problem !== undefined && isNews) {
      this.#options.log.warn(`claude-code: ${problem}`);
    }
  }

  /** The CLI has a result for a call. */
  settled(toolCallId: string): void {
    this.#calls?.abort(toolCallId);
  }

  /** The process has ended: nobody waits for anything. */
  close(): void {
    this.permits.clear();
    const tunnel = this.#tunnel;
    this.#tunnel = undefined;
    tunnel?.close().catch((error: unknown) => this.#options.log.error('claude-code: closing our tools failed', error));
  }
}
