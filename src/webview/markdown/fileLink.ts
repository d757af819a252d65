/** A file that a text names. */
export interface FileTarget {
  readonly path: string;
  readonly line?: number;
}

/**
 * Endings that make a bare word a file name; with a folder before it, any ending does. Not those that are members of
 * objects more often, as in `console.log` and `process.env`.
 */
const knownEndings = new Set(
  (
    'ts tsx mts cts js jsx mjs cjs json jsonc md mdx txt py pyi rb rs go java kt kts swift cc cpp hpp cs php lua ' +
    'scala clj ex exs erl hs ml dart vue svelte astro html htm css scss less xml svg yaml yml toml ini cfg ' +
    'lock sh bash zsh fish ps1 bat cmd sql graphql proto gradle ipynb csv tsv diff patch dockerfile makefile'
  ).split(' '),
);

const shape =
  /^((?:[A-Za-z]:[\\/]|~?\/|\.{1,2}\/)?(?:[\w@.+()[\]-]+[\\/])*[\w@.+()[\]-]*?\.?([\w-]+))(?::(\d{1,7})(?:[:-]\d{1,7})*|#L(\d{1,7})(?:-L?\d{1,7})?)?$/;

/** The file that inline code names, if it looks like one. */
export function parseFileTarget(text: string): FileTarget | undefined {
  if (text.length > 300) {
    return undefined;
  }
  const match = shape.exec(text);
  const path = match?.[1];
  const ending = match?.[2];
  if (path === undefined || ending === undefined) {
    return undefined;
  }
  const name = path.split(/[\\/]/u).at(-1) ?? '';
  const hasFolder = name.length < path.length;
  const hasEnding = name.length > ending.length && /^[A-Za-z]\w{0,9}$/.test(ending);
  const isFile = hasFolder
    ? hasEnding || /^(?:Makefile|Dockerfile|LICENSE|README)$/.test(name)
    : hasEnding && knownEndings.has(ending.toLowerCase());
  if (!isFile) {
    return undefined;
  }
  const line = match?.[3] ?? match?.[4];
  return line === undefined ? { path } : { path, line: Number(line) };
}

/** The file that a link without a scheme points to. */
export function parseLinkTarget(target: string): FileTarget {
  const match = /^(.*?)(?:#L(\d{1,7})(?:-L?\d{1,7})?|:(\d{1,7})(?::\d{1,7})?)?$/s.exec(target);
  const path = (match?.[1] ?? target).replace(/#.*$/s, '');
  const line = match?.[2] ?? match?.[3];
  return line === undefined ? { path } : { path, line: Number(line) };
}
