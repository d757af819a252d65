import { asRecord, asString, parseJson } from '../../base/json.ts';

/** What the service wants back unchanged with a thinking block; one of the two is there. */
export interface Seal {
  readonly signature?: string;
  /** Thinking that only the service can read. */
  readonly redacted?: string;
}

export function encodeSeal(seal: Seal): string {
  return JSON.stringify(seal);
}

export function decodeSeal(text: string): Seal {
  const fields = asRecord(parseJson(text));
  const [signature, redacted] = [asString(fields['signature']), asString(fields['redacted'])];
  return {
    ...(signature === undefined ? {} : { signature }),
    ...(redacted === undefined ? {} : { redacted }),
  };
}
