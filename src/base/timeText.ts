import { language } from './l10n.ts';

/** The time of day at `at`, with the day where that is another than at `now`, and with the year where that is another. */
export function timeText(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const isToday = then.toDateString() === today.toDateString();
  return new Intl.DateTimeFormat(language(), {
    ...(isToday ? {} : { month: 'short', day: 'numeric' }),
    ...(then.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' }),
    hour: 'numeric',
    minute: '2-digit',
  }).format(at);
}
