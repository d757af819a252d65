import fs from 'node:fs';
import { isMissing } from './systemErrors.ts';

/** What is in a folder; nothing where there is none. */
export function namesIn(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) {
      return [];
    }
    throw error;
  }
}
