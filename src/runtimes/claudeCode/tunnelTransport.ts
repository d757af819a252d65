import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/server';
import { messageOf } from '../../base/errors.ts';
import { asRecord, isRecord, type JsonRecord, jsonText } from '../../base/json.ts';

export interface TunnelPorts {
  /** Answers the control request that carried a message. */
  readonly reply: (controlId: string, message: JsonRecord) => void;
  /** Answers one that carried something else. */
  readonly refuse: (controlId: string, reason: string) => void;
  /** Sends a message that answers nothing. */
  readonly send: (message: JsonRecord) => void;
}

const maxPending = 64;
/** Characters of JSON: more than any command line or file that a model writes at once. */
const maxMessageLength = 4_194_304;

const code = { invalidRequest: -32_600, invalidParams: -32_602, busy: -32_000, cancelled: -32_800 };

/**
 * Carries JSON-RPC in the CLI's control frames. Each frame is answered exactly once, whatever it holds: a request with its
 * answer or with an error, a notification at once.
 */
export class TunnelTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #ports: TunnelPorts;
  /** The control requests that carried what is not answered yet. */
  readonly #pending = new Map<RequestId, string>();
  #problem: string | undefined;
  #closed = false;

  constructor(ports: TunnelPorts) {
    this.#ports = ports;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** A message of the CLI. */
  receive(controlId: string, message: unknown): void {
    const { id, method, params } = asRecord(message);
    if (this.#closed) {
      this.#ports.refuse(controlId, 'the server is closed');
    } else if ((jsonText(message)?.length ?? Infinity) > maxMessageLength) {
      this.#ports.refuse(controlId, 'the message is too long, or cannot be read');
    } else if (typeof method !== 'string' || (id !== undefined && !isRequestId(id))) {
      this.#ports.refuse(controlId, 'neither a request nor a notification');
    } else if (id === undefined) {
      this.#notification(controlId, method, params);
    } else {
      this.#request(controlId, id, method, params);
    }
  }

  /** The server says that something is wrong: a request that it is being given gets no other answer. */
  noteProblem(reason: string): void {
    this.#problem = reason;
  }

  send(message: JSONRPCMessage): Promise<void> {
    if ('method' in message) {
      this.#ports.send(message as unknown as JsonRecord);
      return Promise.resolve();
    }
    const controlId = message.id === undefined ? undefined : this.#pending.get(message.id);
    if (controlId !== undefined && message.id !== undefined) {
      this.#pending.delete(message.id);
      this.#ports.reply(controlId, message as unknown as JsonRecord);
    }
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      for (const id of [...this.#pending.keys()]) {
        this.#fail(id, code.cancelled, 'the server is closed');
      }
      this.onclose?.();
    }
    return Promise.resolve();
  }

  #notification(controlId: string, method: string, params: unknown): void {
    if (params === undefined || isRecord(params)) {
      this.#give({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
    }
    const cancelledId = method === 'notifications/cancelled' ? asRecord(params)['requestId'] : undefined;
    if (isRequestId(cancelledId)) {
      // The server answers nothing to what was cancelled, but the frame that asked still waits.
      this.#fail(cancelledId, code.cancelled, 'cancelled');
    }
    // The CLI takes nothing less for an answer to a frame.
    this.#ports.reply(controlId, { jsonrpc: '2.0', id: 0, result: {} });
  }

  #request(controlId: string, id: RequestId, method: string, params: unknown): void {
    const refusal = this.#pending.has(id)
      ? { code: code.invalidRequest, message: 'the id is in use' }
      : this.#pending.size >= maxPending
        ? { code: code.busy, message: `${maxPending} requests are open already` }
        : params !== undefined && !isRecord(params)
          ? { code: code.invalidParams, message: 'the parameters are no object' }
          : undefined;
    if (refusal !== undefined) {
      this.#ports.reply(controlId, { jsonrpc: '2.0', id, error: refusal });
      return;
    }
    this.#pending.set(id, controlId);
    this.#give({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) });
    if (this.#problem !== undefined) {
      this.#fail(id, code.invalidRequest, this.#problem);
    }
  }

  #give(message: JsonRecord): void {
    this.#problem = undefined;
    try {
      this.onmessage?.(message as unknown as JSONRPCMessage);
    } catch (error) {
      this.#problem = messageOf(error);
    }
  }

  #fail(id: RequestId, errorCode: number, message: string): void {
    const controlId = this.#pending.get(id);
    if (controlId !== undefined) {
      this.#pending.delete(id);
      this.#ports.reply(controlId, { jsonrpc: '2.0', id, error: { code: errorCode, message } });
    }
  }
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id));
}
