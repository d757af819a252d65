import * as z from 'zod';
import type { GuidanceFiles, Skill } from '../guidance.ts';
import { defineTool, type Tool } from './tool.ts';

const maxLength = 60_000;

/** Gives the text of a skill: only of those that were found, wherever they are. */
export function skillTool(skills: readonly Skill[], files: GuidanceFiles): Tool {
  const names = skills.map(({ name }) => name);
  return defineTool({
    name: 'skill',
    description: 'Gives the instructions of a skill, by the name under which it is listed.',
    isReadOnly: true,
    input: z.object({ name: z.string() }),
    wants: () => ({ access: 'internal', paths: [] }),
    async run({ name }) {
      const skill = skills.find((one) => one.name === name);
      const text = skill === undefined ? undefined : await files.readText(skill.path).catch(() => undefined);
      if (skill === undefined || text === undefined) {
        return { text: `There is no skill ${name}. There are: ${names.join(', ')}.`, isError: true };
      }
      const shown = text.length > maxLength ? `${text.slice(0, maxLength)}\n[… cut off here …]` : text;
      return { text: `(from ${skill.path}; files that it names are beside it)\n\n${shown}`, isError: false };
    },
  });
}
