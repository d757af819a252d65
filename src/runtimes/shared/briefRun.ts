import type { Clock, LaunchSpec, ProcessLauncher } from '../../core/ports.ts';

/** What a question about a version or a login is answered with; the rest is not kept. */
const maxOutputBytes = 64 * 1024;

export interface BriefResult {
  readonly output: string;
  readonly code: number;
  readonly timedOut: boolean;
}

/** Runs a program that answers and ends by itself; after `timeoutMs` it is ended with everything that it started. */
export async function briefRun(
  { launcher, clock }: { readonly launcher: ProcessLauncher; readonly clock: Clock },
  spec: LaunchSpec,
  timeoutMs: number,
): Promise<BriefResult> {
  const process = await launcher.launch(spec);
  const chunks: Uint8Array[] = [];
  let size = 0;
  let timedOut = false;
  process.onOutput((bytes) => {
    if (size < maxOutputBytes) {
      chunks.push(bytes);
      size += bytes.length;
    }
  });
  const timer = clock.after(timeoutMs, () => {
    timedOut = true;
    // Its failure shows in `ended`, which never rejects.
    process.stop(0).catch(() => undefined);
  });
  try {
    const { code } = await process.ended;
    const decoder = new TextDecoder();
    const output = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
    return { output, code, timedOut };
  } finally {
    timer.dispose();
  }
}
