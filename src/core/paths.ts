/**
 * Paths as text, for both separators; nothing here touches a disk. Written for the core, which knows no `node:path`.
 */
const drive = /^[a-zA-Z]:[\\/]/;

export function isAbsolute(path: string): boolean {
  return path.startsWith('/') || path.startsWith('\\\\') || drive.test(path);
}

/** Resolves `.` and `..` and repeated separators; keeps the root. */
export function normalizePath(path: string): string {
  const windows = drive.test(path) || path.startsWith('\\\\');
  const separator = windows ? '\\' : '/';
  const root = windows ? (path.startsWith('\\\\') ? '\\\\' : `${path.slice(0, 2)}\\`) : path.startsWith('/') ? '/' : '';
  const out: string[] = [];
  for (const segment of path.slice(root.length).split(windows ? /[\\/]+/ : /\/+/)) {
    if (segment === '' || segment === '.') {
      continue;
    }
    if (segment === '..' && out.length > 0 && out.at(-1) !== '..') {
      out.pop();
    } else if (segment !== '..' || root === '') {
      out.push(segment);
    }
  }
  return root + out.join(separator);
}

export function resolvePath(base: string, path: string): string {
  return normalizePath(isAbsolute(path) ? path : `${base}/${path}`);
}

/** True if `path` is `directory` or below it. Both absolute and normalised. */
export function isInside(directory: string, path: string): boolean {
  if (path === directory) {
    return true;
  }
  const separator = directory.includes('\\') ? '\\' : '/';
  return path.startsWith(directory.endsWith(separator) ? directory : directory + separator);
}

export function segmentsOf(path: string): string[] {
  return path.split(/[\\/]+/).filter((segment) => segment !== '');
}

/** For people: relative to `directory` where it is inside, else as it is. */
export function shortPath(directory: string, path: string): string {
  if (!isInside(directory, path) || path === directory) {
    return path;
  }
  return path.slice(directory.length).replace(/^[\\/]+/, '');
}
