/** What keys and tokens look like, whoever made them. */
const secretShapes =
  /\b(?:sk-[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{16}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})|(?<=\bBearer )[A-Za-z0-9._~+/-]{12,}=*/g;
const secretName = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|AUTH/i;
/** A shorter value is found by accident in text that is none of its business. */
const shortestSecret = 8;
const replacement = '[redacted]';

export type Redact = (text: string) => string;

/** A function that takes the values of an environment's secret variables, and whatever looks like a key, out of text. */
export function redactorFor(env: Readonly<Record<string, string>>): Redact {
  const values = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (secretName.test(name) && value.length >= shortestSecret) {
      values.add(value);
      values.add(JSON.stringify(value).slice(1, -1));
    }
  }
  const known = [...values].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const value of known) {
      if (clean.includes(value)) {
        clean = clean.replaceAll(value, replacement);
      }
    }
    return clean.replace(secretShapes, replacement);
  };
}
