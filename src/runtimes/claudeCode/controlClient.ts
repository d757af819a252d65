import { Deferred } from '../../base/async.ts';
import { asRecord, asString, type JsonRecord } from '../../base/json.ts';
import type { Clock, Ids } from '../../core/ports.ts';

export type ControlReply =
  | { readonly ok: true; readonly response: JsonRecord }
  /** `unanswered`: no answer in time, as old versions do with what they don't know, or the process has ended. */
  | { readonly ok: false; readonly error: string; readonly unanswered: boolean };

/** Asks the CLI through its control protocol. A request never fails: it is answered, or says that it was not. */
export class ControlClient {
  readonly #send: (frame: JsonRecord) => void;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #pending = new Map<string, Deferred<ControlReply>>();
  #closed = false;

  constructor(send: (frame: JsonRecord) => void, clock: Clock, ids: Ids) {
    this.#send = send;
    this.#clock = clock;
    this.#ids = ids;
  }

  async request(request: JsonRecord, timeoutMs: number): Promise<ControlReply> {
    if (this.#closed) {
      return unanswered('the process has ended');
    }
    const id = this.#ids.uuid();
    const answer = new Deferred<ControlReply>();
    this.#pending.set(id, answer);
    const timer = this.#clock.after(timeoutMs, () => answer.resolve(unanswered(`no answer in ${timeoutMs} ms`)));
    this.#send({ type: 'control_request', request_id: id, request });
    const reply = await answer.promise;
    timer.dispose();
    this.#pending.delete(id);
    return reply;
  }

  /** Takes a `control_response` line. */
  settle(line: JsonRecord): void {
    const response = asRecord(line['response']);
    this.#pending
      .get(asString(response['request_id']) ?? '')
      ?.resolve(
        response['subtype'] === 'success'
          ? { ok: true, response: asRecord(response['response']) }
          : { ok: false, error: asString(response['error']) ?? 'unknown error', unanswered: false },
      );
  }

  /** The process has ended: nothing will be answered. */
  close(): void {
    this.#closed = true;
    for (const answer of this.#pending.values()) {
      answer.resolve(unanswered('the process has ended'));
    }
  }
}

function unanswered(error: string): ControlReply {
  return { ok: false, error, unanswered: true };
}
