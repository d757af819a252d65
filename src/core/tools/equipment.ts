import type { IsReadRefused } from '../approvals/refusedReads.ts';
import { findSkills, type Guidance, instructionsFor, type GuidanceFiles } from '../guidance.ts';
import { fileTools } from './fileTools.ts';
import { overlaySearch } from './overlaySearch.ts';
import type { MatchLines } from './readForModel.ts';
import { skillTool } from './skill.ts';
import type { Tool } from './tool.ts';
import type { OpenEditors, TextSearch, WorkFiles } from './workFiles.ts';

export interface EquipmentDeps {
  readonly files: WorkFiles;
  readonly editors: OpenEditors;
  readonly search: TextSearch;
  readonly matchLines: MatchLines;
  readonly isRefused: IsReadRefused;
  /** The person's own folder. */
  readonly home: string;
}

/** What a model needs to work in a directory. */
export interface Equipment {
  readonly tools: readonly Tool[];
  readonly instructions: string;
}

const maxGuidanceBytes = 256 * 1024;

/** Gives a model the tools for files, and what the repository and the person want of every agent. */
export function equipper(deps: EquipmentDeps): (cwd: string, projectRoot: string) => Promise<Equipment> {
  const { files, editors, home } = deps;
  const { isRefused, matchLines } = deps;
  const tools = fileTools({ files, editors, search: overlaySearch(deps.search, editors, matchLines), isRefused });
  const guidance: GuidanceFiles = {
    realPath: (path) => files.realPath(path),
    async readText(path) {
      const open = editors.text(path);
      if (open !== undefined) {
        return open;
      }
      const { bytes } = await files.read(path, maxGuidanceBytes);
      return new TextDecoder().decode(bytes);
    },
    list: async (folder) => (await files.list(folder)).map(({ name }) => name),
  };
  return async (cwd, projectRoot) => {
    const where: Guidance = { cwd, projectRoot, home };
    const [skills, texts] = await Promise.all([findSkills(where, guidance), instructionsFor(where, guidance)]);
    const list =
      skills.length === 0
        ? []
        : [
            [
              '# Skills',
              'Instructions for certain kinds of work. When one fits the task, read it with the tool `skill` before you begin.',
              ...skills.map(({ name, description }) => `- ${name}: ${description}`),
            ].join('\n'),
          ];
    return {
      tools: skills.length === 0 ? tools : [...tools, skillTool(skills, guidance)],
      instructions: [...texts, ...list].join('\n\n'),
    };
  };
}
