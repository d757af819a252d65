import { asNumber, asRecord, asString } from '../../base/json.ts';
import type { RuntimeEvent } from '../../core/sessionEvents.ts';

export type RateLimit = Extract<RuntimeEvent, { readonly type: 'rateLimit' }>;

/** What the CLI says of its account's limits; times are in seconds there. */
export function rateLimitOf(value: unknown): RateLimit | undefined {
  const info = asRecord(value);
  const said = asString(info['status']);
  if (said === undefined) {
    return undefined;
  }
  const limit = asString(info['rateLimitType']);
  const windows = asRecord(info['unifiedWindows']);
  const utilization =
    asNumber(info['utilization']) ?? asNumber(asRecord(limit === undefined ? {} : windows[limit])['utilization']);
  const resets = [
    info,
    ...Object.values(windows)
      .map(asRecord)
      .filter((window) => window['status'] === 'rejected'),
  ]
    .map((window) => asNumber(window['resetsAt']))
    .filter((seconds) => seconds !== undefined && seconds > 0) as readonly number[];
  return {
    type: 'rateLimit',
    status: statusOf(said, info['isUsingOverage'] === true || info['overageInUse'] === true),
    ...(resets.length === 0 ? {} : { resetsAt: Math.max(...resets) * 1000 }),
    ...(limit === undefined ? {} : { limit }),
    ...(utilization === undefined ? {} : { utilization }),
  };
}

/** An exhausted window is no block while the account pays for what is over it. */
function statusOf(said: string, overage: boolean): RateLimit['status'] {
  if (said === 'rejected') {
    return overage ? 'warning' : 'blocked';
  }
  return said === 'allowed_warning' ? 'warning' : 'allowed';
}
