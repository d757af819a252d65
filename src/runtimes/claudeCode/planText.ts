import { asRecord, asString, type JsonRecord } from '../../base/json.ts';

const planFile = /[/\\]\.claude[/\\]plans[/\\][^/\\]+\.md$/;

/** Finds the plan that is to be approved: newer versions keep it in a file and send the request without it. */
export class PlanText {
  readonly #readText: (path: string) => Promise<string | undefined>;
  #path: string | undefined;
  #written: string | undefined;
  #said: string | undefined;

  constructor(readText: (path: string) => Promise<string | undefined>) {
    this.#readText = readText;
  }

  /** Looks for the plan in a call as the model made it; the request to approve may come without it. */
  observe(toolName: string, input: unknown): void {
    const fields = asRecord(input);
    if (toolName === 'ExitPlanMode') {
      this.#said = asString(fields['plan']);
    }
    const path = asString(fields['file_path']);
    if (path === undefined || !planFile.test(path)) {
      return;
    }
    this.#path = path;
    if (toolName === 'Write') {
      this.#written = asString(fields['content']);
    }
  }

  /** The file outranks what was seen being written, since edits may have followed. */
  async of(input: JsonRecord): Promise<string> {
    const path = asString(input['planFilePath']) ?? this.#path;
    const inFile = path === undefined ? undefined : await this.#readText(path);
    return asString(input['plan']) ?? this.#said ?? inFile ?? this.#written ?? '';
  }
}
