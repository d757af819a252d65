import { t } from '../base/l10n.ts';

/** `fact`: neither good nor bad. */
export type CheckStatus = 'good' | 'warning' | 'bad' | 'fact';

export interface Check {
  readonly status: CheckStatus;
  readonly label: string;
  readonly value: string;
  /** What to do about it; every check that is not good has one. */
  readonly advice?: string;
}

export interface CheckSection {
  readonly title: string;
  readonly checks: readonly Check[];
}

export interface DoctorReport {
  readonly sections: readonly CheckSection[];
  /** When it was made, in words. */
  readonly madeAt: string;
  /** The person stopped it: what follows is not all. */
  readonly isPartial: boolean;
}

/** Plain text, so that it reads the same here and in an issue. `mask` takes secrets out of it. */
export function writeDoctorReport(report: DoctorReport, mask: (text: string) => string): string {
  const checks = report.sections.flatMap((section) => section.checks);
  const lines = [
    `# ${t('Greenroom: state of health')}`,
    '',
    `${report.madeAt} · ${summary(checks)}`,
    ...(report.isPartial ? ['', t('Stopped before the end: what follows is not everything.')] : []),
  ];
  for (const { title, checks: own } of report.sections) {
    lines.push('', `## ${title}`, '');
    for (const check of own) {
      lines.push(`- ${sign(check.status)}${check.label}: ${oneLine(check.value)}`);
      if (check.advice !== undefined) {
        lines.push(`  → ${oneLine(check.advice)}`);
      }
    }
  }
  lines.push('', t('Keys and other secrets are masked. To pass this on, select all and copy.'), '');
  return mask(lines.join('\n'));
}

function summary(checks: readonly Check[]): string {
  const count = (status: CheckStatus): number => checks.filter((check) => check.status === status).length;
  const [bad, warning] = [count('bad'), count('warning')];
  if (bad === 0 && warning === 0) {
    return t('Everything is well.');
  }
  return t('Failed: {0}, to be looked at: {1}, well: {2}', bad, warning, count('good'));
}

/** Words beside the signs would be read twice; the signs have names of their own in screen readers. */
function sign(status: CheckStatus): string {
  switch (status) {
    case 'good':
      return '✓ ';
    case 'warning':
      return '⚠ ';
    case 'bad':
      return '✗ ';
    case 'fact':
      return '';
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytesInWords(bytes: number): string {
  let value = bytes;
  let index = 0;
  while (value >= 1024 && index < units.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${index === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[index] ?? ''}`;
}
