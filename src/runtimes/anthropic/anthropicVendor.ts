import type { Clock } from '../../base/clock.ts';
import { type ErrorInfo, GreenroomError } from '../../base/errors.ts';
import { asArray, asNumber, asRecord, asString, type JsonRecord } from '../../base/json.ts';
import { t } from '../../base/l10n.ts';
import { Redactor } from '../../core/redact.ts';
import type { ModelChoice } from '../../core/runtime.ts';
import type { Credential } from '../../core/ports.ts';
import type { ModelAnswer, ModelChunk, ModelFacts, ModelRequest, ModelVendor } from '../shared/modelVendor.ts';
import { badAddress, keyMissing, keyUnfit, notTheService } from '../shared/serviceErrors.ts';
import { AnthropicClient, defaultBaseUrl, type Fetch, type RequestFailure } from './anthropicClient.ts';
import { usageOf } from './cost.ts';
import { EventMapper } from './eventMapper.ts';
import {
  addressSetting,
  type FailureFacts,
  failureOfCut,
  failureOfEvent,
  failureOfNetwork,
  failureOfResponse,
  runtimeId,
  serviceName,
} from './failures.ts';
import { type AnthropicModel, defaultModel, knownModel, unknownModel } from './models.ts';
import { requestBody, vendorId } from './requestBody.ts';

/** A list of models is asked for while a person or a turn waits. */
const factsTimeoutMs = 5_000;

export interface AnthropicServices {
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Asked for with each call, so that a new key counts at once. */
  readonly credential: () => Promise<Credential | undefined>;
}

/** Claude by API key. */
export class AnthropicVendor implements ModelVendor {
  readonly id = vendorId;
  readonly defaultModel = defaultModel;
  readonly #services: AnthropicServices;
  readonly #baseUrl: string;
  /** What the service said of models that the list does not have; undefined: it knows nothing of one. */
  readonly #asked = new Map<string, AnthropicModel | undefined>();

  /** `baseUrl`: empty for the service's own. */
  constructor(services: AnthropicServices, baseUrl: string) {
    this.#services = services;
    this.#baseUrl = baseUrl === '' ? defaultBaseUrl : baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '');
  }

  async problem(): Promise<ErrorInfo | undefined> {
    const opened = await this.#open();
    return 'failure' in opened ? opened.failure.error : undefined;
  }

  facts(model: string): Promise<ModelFacts> {
    return this.#model(model);
  }

  async call(request: ModelRequest, onChunk: (chunk: ModelChunk) => void, signal: AbortSignal): Promise<ModelAnswer> {
    const opened = await this.#open();
    if ('failure' in opened) {
      return { kind: 'failed', failure: opened.failure };
    }
    const model = await this.#model(request.model, signal);
    const facts = this.#failureFacts(request.model, opened.key);
    const mapper = new EventMapper(onChunk);
    const body = requestBody(request, model);
    onChunk({ type: 'log', text: `request: ${body.model}, ${body.messages.length} messages` });
    const read = await opened.client.stream(
      body,
      (event) => mapper.take(event),
      (requestId) => onChunk({ type: 'log', text: `answer: ${requestId ?? 'without a request id'}` }),
      signal,
    );
    const usage = mapper.tokens === undefined ? undefined : usageOf(mapper.tokens, model);
    const failed = (failure: Extract<ModelAnswer, { kind: 'failed' }>['failure']): ModelAnswer => {
      onChunk({ type: 'log', text: `failed: ${failure.error.code} ${failure.error.details ?? ''}` });
      return { kind: 'failed', failure, ...(usage === undefined ? {} : { usage }) };
    };
    if (read.kind === 'response' || read.kind === 'network') {
      return failed(failureOf(read, facts));
    }
    const { end } = mapper;
    if (end?.kind === 'error') {
      return failed(failureOfEvent(end.error, facts));
    }
    if (end === undefined || usage === undefined) {
      return failed(failureOfCut(read.kind === 'cut' ? read.message : t('The answer has no end.'), facts));
    }
    const { stop, explanation } = end;
    onChunk({ type: 'log', text: `end: ${stop}` });
    return { kind: 'complete', stop, usage, ...(explanation === undefined ? {} : { explanation }) };
  }

  /** Newest first. Rejects with a `GreenroomError`. */
  async models(signal: AbortSignal): Promise<readonly ModelChoice[]> {
    const opened = await this.#open();
    if ('failure' in opened) {
      throw new GreenroomError(opened.failure.error);
    }
    const answer = await opened.client.get('/v1/models', { limit: '100' }, signal);
    if (answer.kind !== 'json') {
      throw new GreenroomError(failureOf(answer, this.#failureFacts('', opened.key)).error);
    }
    const { data } = asRecord(answer.value);
    if (!Array.isArray(data)) {
      throw new GreenroomError(notTheService(serviceName, addressSetting, this.#baseUrl));
    }
    return asArray(data).flatMap((value) => {
      const id = asString(asRecord(value)['id']);
      return id === undefined ? [] : [{ id, name: asString(asRecord(value)['display_name']) ?? id }];
    });
  }

  async #open() {
    const problem = addressProblem(this.#baseUrl);
    if (problem !== undefined) {
      return { failure: { error: problem } };
    }
    const credential = await this.#services.credential();
    if (credential === undefined) {
      return { failure: { error: keyMissing(serviceName, runtimeId) } };
    }
    const key = credential.key.trim();
    if (!/^[\x21-\x7e]+$/.test(key)) {
      return { failure: { error: keyUnfit(serviceName, runtimeId) } };
    }
    const { fetch } = this.#services;
    return { key, client: new AnthropicClient({ fetch, baseUrl: this.#baseUrl, key }) };
  }

  /** What is known of the model; what only the service knows is asked once. */
  async #model(name: string, signal?: AbortSignal): Promise<AnthropicModel> {
    return knownModel(name) ?? (await this.#ask(name, signal)) ?? unknownModel;
  }

  async #ask(name: string, signal?: AbortSignal): Promise<AnthropicModel | undefined> {
    if (this.#asked.has(name)) {
      return this.#asked.get(name);
    }
    const opened = await this.#open();
    if ('failure' in opened) {
      return undefined;
    }
    const patience = new AbortController();
    const timer = this.#services.clock.after(factsTimeoutMs, () => patience.abort());
    const answer = await opened.client
      .get(
        `/v1/models/${encodeURIComponent(name)}`,
        {},
        signal === undefined ? patience.signal : AbortSignal.any([patience.signal, signal]),
      )
      .finally(() => timer.dispose());
    const model = answer.kind === 'json' ? modelOf(asRecord(answer.value)) : undefined;
    // Where nothing answered, or not now, it is asked again.
    if (answer.kind === 'json' || (answer.kind === 'response' && answer.response.status < 429)) {
      this.#asked.set(name, model);
    }
    return model;
  }

  #failureFacts(model: string, key: string): FailureFacts {
    const redactor = new Redactor([key]);
    return { model, baseUrl: this.#baseUrl, now: this.#services.clock.now(), redact: (text) => redactor.redact(text) };
  }
}

function failureOf(failure: RequestFailure, facts: FailureFacts) {
  return failure.kind === 'response'
    ? failureOfResponse(failure.response, facts)
    : failureOfNetwork(failure.message, facts);
}

/** A key goes only to an address that nobody can listen to. */
function addressProblem(baseUrl: string) {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '');
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback)
    ? undefined
    : badAddress(addressSetting, baseUrl);
}

function modelOf(info: JsonRecord): AnthropicModel | undefined {
  const windowTokens = asNumber(info['max_input_tokens']);
  const maxOutputTokens = asNumber(info['max_tokens']);
  if (windowTokens === undefined || maxOutputTokens === undefined) {
    return undefined;
  }
  const types = asRecord(asRecord(asRecord(info['capabilities'])['thinking'])['types']);
  const supports = (type: string): boolean => asRecord(types[type])['supported'] === true;
  return {
    windowTokens,
    maxOutputTokens,
    thinking: supports('adaptive') ? 'adaptive' : supports('enabled') ? 'budget' : 'none',
  };
}
