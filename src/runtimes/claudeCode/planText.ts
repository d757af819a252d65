import { asRecord, asString, type JsonRecord } from '../../base/json.ts';

const planFile = /[/\\]\.claude[/\\]plans[/\\][^/\\]+\.md$/;

/** Finds the plan that is to be approved: newer versions keep it in a file and send the request without it. */
export class PlanText {
  readonly #readText: (path: string) => Promise<string | undefined>;
  #path: string | undefined;
  #written: string | undefined;

  constructor(readText: (path: string) => Promise<string | undefined>) {
    this.#readText = readText;
  }

  /** Looks for a write of the plan among the calls of an assistant line. */
  observe(toolName: string, input: unknown): void {
    const fields = asRecord(input);
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
    return asString(input['plan']) ?? inFile ?? this.#written ?? '';
  }
}
