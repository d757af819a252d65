import type { Credential } from '../../core/ports.ts';
import type { RuntimeProbe } from '../../core/runtimeProbe.ts';
import { keyMissing } from './serviceErrors.ts';

/** Whether there is a key for a service. The service itself is not asked: only a turn shows whether it takes the key. */
export async function probeKey(
  service: string,
  runtime: string,
  credential: () => Promise<Credential | undefined>,
): Promise<RuntimeProbe> {
  const found = await credential();
  if (found === undefined) {
    return { state: 'noKey', keyNames: [], problem: keyMissing(service, runtime) };
  }
  return found.variable === undefined
    ? { state: 'ready', keyNames: [], keyStored: true }
    : { state: 'ready', keyNames: [found.variable] };
}
