/** A glob pattern as a regular expression for paths with `/`: `**`, `*`, `?`, `[…]` and `{a,b}`. Like git, one without a slash is about the name alone. */
export function globExpression(glob: string): RegExp {
  const pattern = glob.replace(/^\.?\//, '');
  const body = translate(pattern);
  return new RegExp(pattern.includes('/') ? `^${body}$` : `(?:^|/)${body}$`, 'u');
}

function translate(glob: string): string {
  let out = '';
  let braces = 0;
  for (let at = 0; at < glob.length; at++) {
    const char = glob.charAt(at);
    if (char === '*' && glob[at + 1] === '*') {
      const isFolders = glob[at + 2] === '/';
      out += isFolders ? '(?:[^/]*/)*' : '.*';
      at += isFolders ? 2 : 1;
    } else if (char === '*') {
      out += '[^/]*';
    } else if (char === '?') {
      out += '[^/]';
    } else if (char === '[' && glob.indexOf(']', at + 2) > 0) {
      const end = glob.indexOf(']', at + 2);
      out += `[${glob
        .slice(at + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`;
      at = end;
    } else if (char === '{') {
      braces += 1;
      out += '(?:';
    } else if (char === '}' && braces > 0) {
      braces -= 1;
      out += ')';
    } else if (char === ',' && braces > 0) {
      out += '|';
    } else {
      out += char.replace(/[\\^$.+()|{}[\]/]/, '\\$&');
    }
  }
  return out + ')'.repeat(braces);
}
