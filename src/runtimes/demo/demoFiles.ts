import { t } from '../../base/l10n.ts';

/** Files of the scratch folder that the scripts are about. */
export const guestFile = 'guests.txt';
export const programFile = 'program.md';
export const seatFile = 'seats.csv';
/** What the sorted guests are written to. */
export const sortedFile = 'sorted.txt';
/** A file that is never there. */
export const missingFile = 'missing.txt';

/** What the scratch folder begins with. */
export function demoFiles(): Readonly<Record<string, string>> {
  return {
    [guestFile]: 'Grace Hopper\nDorothy Vaughan\nAlan Turing\n',
    [programFile]: `# ${t('An evening in the green room')}\n\n1. ${t('Welcome')}\n2. ${t('A play in one act')}\n3. ${t('Questions')}\n`,
    [seatFile]: 'row,seats\nA,12\nB,14\nC,14\n',
  };
}
