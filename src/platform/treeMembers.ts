import type { ProcessEntry } from './processEntry.ts';

export interface TreeRoot {
  /** The leader of the tree's session and group; it may be dead already. Undefined where only the mark is known. */
  readonly pid: number | undefined;
  /** Tells the leader from a later process of the same pid. */
  readonly startTime: string | undefined;
  /** What the environment of the tree has as its mark; with a dot at its end it stands for all that begin with it. */
  readonly mark: string;
  /** The leader was a child of this process until now, so that nobody else can have its pid as a group. */
  readonly isOwnChild: boolean;
}

export interface TreeSearch {
  readonly roots: readonly TreeRoot[];
  readonly marks: ReadonlyMap<number, string>;
  /** What was found before, by `identityOf`: it stays found when it leaves its parent, its group and its mark. */
  readonly known: ReadonlySet<string>;
  /** Never members, from `bystandersOf`. */
  readonly bystanders: ReadonlySet<number>;
}

export function identityOf({ pid, startTime }: ProcessEntry): string {
  return `${pid}:${startTime}`;
}

export function matchesMark(root: TreeRoot, mark: string | undefined): boolean {
  return mark !== undefined && (root.mark.endsWith('.') ? mark.startsWith(root.mark) : mark === root.mark);
}

/**
 * The living processes of the trees: the leaders, their sessions and groups, whoever carries a mark, whoever was found
 * before, and the descendants of all of these. A pid alone proves nothing: a leader counts if it started when it did,
 * and a group without its leader if it was ours until now or if one of it carries the mark, since the system gives the
 * number of a group to nobody else while it has members.
 */
export function treeMembers(table: readonly ProcessEntry[], search: TreeSearch): readonly ProcessEntry[] {
  const { roots, marks, known, bystanders } = search;
  const candidates = table.filter(({ pid }) => pid > 1 && !bystanders.has(pid));
  const found = new Set<number>();
  for (const entry of candidates) {
    const mark = entry.zombie ? undefined : marks.get(entry.pid);
    if (known.has(identityOf(entry)) || roots.some((root) => matchesMark(root, mark))) {
      found.add(entry.pid);
    }
  }
  for (const root of roots) {
    const { pid } = root;
    if (pid === undefined || pid <= 1) {
      continue;
    }
    const leader = table.find((entry) => entry.pid === pid);
    const isMember = (entry: ProcessEntry): boolean => entry.session === pid || entry.group === pid;
    const isOurs =
      leader === undefined
        ? root.isOwnChild || candidates.some((entry) => isMember(entry) && matchesMark(root, marks.get(entry.pid)))
        : root.startTime !== undefined && leader.startTime === root.startTime;
    if (isOurs) {
      for (const entry of candidates) {
        if (entry.pid === pid || isMember(entry)) {
          found.add(entry.pid);
        }
      }
    }
  }
  addDescendants(candidates, found);
  return candidates.filter((entry) => found.has(entry.pid) && !entry.zombie);
}

/**
 * Who is left alone whatever it carries: this process, those above it, and what hangs on its parent without hanging on
 * it. An agent can open another window of the editor, which then carries the agent's mark although it is the person's.
 */
export function bystandersOf(table: readonly ProcessEntry[], self: number, parent: number): ReadonlySet<number> {
  const parents = new Map(table.map((entry) => [entry.pid, entry.parent]));
  const ancestors = new Set<number>();
  for (let pid: number | undefined = parent; pid !== undefined && pid > 0 && !ancestors.has(pid);) {
    ancestors.add(pid);
    pid = parents.get(pid);
  }
  // Orphans come to init or to a parent that adopts them; what we start has a session of its own, which tells it apart.
  const session = table.find((entry) => entry.pid === parent)?.session;
  const besides = new Set<number>();
  for (const entry of table) {
    if (parent > 1 && entry.parent === parent && entry.pid !== self && entry.session === session) {
      besides.add(entry.pid);
    }
  }
  addDescendants(table, besides);
  return new Set([self, ...ancestors, ...besides]);
}

function addDescendants(table: readonly ProcessEntry[], found: Set<number>): void {
  for (let grew = true; grew;) {
    grew = false;
    for (const entry of table) {
      if (found.has(entry.parent) && !found.has(entry.pid)) {
        found.add(entry.pid);
        grew = true;
      }
    }
  }
}
