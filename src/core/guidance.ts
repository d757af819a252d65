import { isInside, normalizePath } from './paths.ts';

/** Where a session works, and whose it is. */
export interface Guidance {
  readonly cwd: string;
  readonly projectRoot: string;
  /** The person's own folder. */
  readonly home: string;
}

export interface GuidanceFiles {
  realPath(path: string): Promise<string>;
  /** Rejects where there is no such file. */
  readText(path: string): Promise<string>;
  /** Names in a folder. Rejects where there is none. */
  list(folder: string): Promise<readonly string[]>;
}

export interface Skill {
  readonly name: string;
  readonly description: string;
  /** Its `SKILL.md`. */
  readonly path: string;
}

const fileNames = ['AGENTS.md', 'CLAUDE.md'];
const ownFiles = ['.agents/AGENTS.md', '.claude/CLAUDE.md'];
const skillFolders = ['.agents/skills', '.claude/skills'];
/** Characters of one file, and of all. */
const maxFileLength = 40_000;
const maxLength = 120_000;
const maxSkills = 100;
const maxDescriptionLength = 500;
/** Folders between the session's and the project's. */
const maxFolders = 40;

/** What `AGENTS.md` and `CLAUDE.md` say, the nearest first, the person's own last. */
export async function instructionsFor(where: Guidance, files: GuidanceFiles): Promise<readonly string[]> {
  const texts: string[] = [];
  const known = new Set<string>();
  let room = maxLength;
  const inProject = foldersOf(where).flatMap((folder) => fileNames.map((name) => `${folder}/${name}`));
  const own = ownFiles.map((name) => `${where.home}/${name}`);
  for (const path of [...inProject, ...own]) {
    const text = (await readAt(path, where, files))?.trim() ?? '';
    if (text === '' || known.has(text)) {
      continue;
    }
    known.add(text);
    const length = Math.min(maxFileLength, room);
    const shown = text.length > length ? `${text.slice(0, length)}\n[… cut off here …]` : text;
    room -= Math.min(text.length, length);
    texts.push(`# Instructions from ${path}\n\n${shown}`);
    if (room <= 0) {
      break;
    }
  }
  return texts;
}

/** Skills of the project, the nearest first, then the person's own. Of two with one name the first counts. */
export async function findSkills(where: Guidance, files: GuidanceFiles): Promise<readonly Skill[]> {
  const skills = new Map<string, Skill>();
  const folders = [...foldersOf(where), where.home].flatMap((folder) =>
    skillFolders.map((name) => `${folder}/${name}`),
  );
  for (const folder of folders) {
    const names = await files.list(folder).catch(() => []);
    for (const name of [...names].sort()) {
      const path = `${folder}/${name}/SKILL.md`;
      const text = skills.size < maxSkills ? await readAt(path, where, files) : undefined;
      const skill = text === undefined ? undefined : skillOf(name, path, text);
      if (skill !== undefined && !skills.has(skill.name)) {
        skills.set(skill.name, skill);
      }
    }
  }
  return [...skills.values()];
}

/** The session's folder and those above it, up to the project's. */
function foldersOf({ cwd, projectRoot }: Guidance): readonly string[] {
  const root = normalizePath(projectRoot);
  const folders: string[] = [];
  for (let folder = normalizePath(cwd); folders.length < maxFolders; folder = normalizePath(`${folder}/..`)) {
    folders.push(folder);
    if (folder === root || !isInside(root, folder)) {
      break;
    }
  }
  return folders;
}

/** A file of the project that is really a file of somewhere else is nothing that the project may show to a model. */
async function readAt(
  path: string,
  { projectRoot, cwd, home }: Guidance,
  files: GuidanceFiles,
): Promise<string | undefined> {
  try {
    const real = await files.realPath(path);
    const allowed = await Promise.all([projectRoot, cwd].map((folder) => files.realPath(normalizePath(folder))));
    const isOwn = path.startsWith(`${home}/.`) && !allowed.some((folder) => isInside(folder, path));
    return isOwn || allowed.some((folder) => isInside(folder, real)) ? await files.readText(real) : undefined;
  } catch {
    return undefined;
  }
}

/** The head of a `SKILL.md`: `name` and `description` between two lines of dashes. */
function skillOf(folderName: string, path: string, text: string): Skill | undefined {
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? '';
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:[ \\t]*(.*(?:\\r?\\n[ \\t]+.*)*)`, 'm')
      .exec(head)?.[1]
      ?.replace(/^[>|][+-]?/, '')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2');
  const description = field('description') ?? '';
  return description === ''
    ? undefined
    : { name: field('name') ?? folderName, description: description.slice(0, maxDescriptionLength), path };
}
