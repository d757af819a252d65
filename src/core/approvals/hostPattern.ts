/** Hosts where anybody can put anything: to allow one of them is to allow everybody, so that a path has to be named too. */
const userContentHosts: ReadonlySet<string> = new Set([
  'bitbucket.org',
  'codeberg.org',
  'discord.com',
  'dl.dropboxusercontent.com',
  'docs.google.com',
  'drive.google.com',
  'dropbox.com',
  'gist.github.com',
  'gist.githubusercontent.com',
  'github.com',
  'gitlab.com',
  'hastebin.com',
  'huggingface.co',
  'media.githubusercontent.com',
  'objects.githubusercontent.com',
  'paste.ee',
  'pastebin.com',
  'raw.githubusercontent.com',
  's3.amazonaws.com',
  'script.google.com',
  'sites.google.com',
  'slack.com',
  'storage.googleapis.com',
  'termbin.com',
  'transfer.sh',
  'webhook.site',
]);

/** Below these everybody can have a host of their own. */
const userContentDomains = [
  'amazonaws.com',
  'appspot.com',
  'azureedge.net',
  'azurewebsites.net',
  'blogspot.com',
  'cloudfront.net',
  'core.windows.net',
  'deno.dev',
  'firebaseapp.com',
  'fly.dev',
  'github.io',
  'githubusercontent.com',
  'gitlab.io',
  'glitch.me',
  'googleapis.com',
  'herokuapp.com',
  'hf.space',
  'netlify.app',
  'ngrok.app',
  'ngrok.io',
  'ngrok-free.app',
  'onrender.com',
  'pages.dev',
  'pipedream.net',
  'readthedocs.io',
  'repl.co',
  'replit.app',
  'surge.sh',
  'trycloudflare.com',
  'vercel.app',
  'web.app',
  'wordpress.com',
  'workers.dev',
] as const;

/** A host, `*.host` for those below it, and a path that has to be the beginning of the asked one. */
export interface HostPattern {
  readonly host: string;
  readonly below: boolean;
  readonly path: readonly string[];
}

/** `undefined` for what is no pattern, or one that would allow what anybody can put there. */
export function parseHostPattern(text: string): HostPattern | undefined {
  const bare = text.replace(/^domain:/, '').replace(/^https:\/\//, '');
  const below = bare.startsWith('*.');
  const url = below ? bare.slice(2) : bare;
  if (!/^[^/\s*@:?#]+(?:\/[^\s*?#]*)?$/.test(url) || !URL.canParse(`https://${url}`)) {
    return undefined;
  }
  const { hostname, pathname } = new URL(`https://${url}`);
  const host = hostname.replace(/\.$/, '');
  const path = pathname.split('/').filter((segment) => segment !== '');
  const isOpen = below
    ? !host.includes('.') || isUserContent(host) || userContentDomains.some((domain) => domain.endsWith(`.${host}`))
    : userContentHosts.has(host) && path.length === 0;
  return isOpen ? undefined : { host, below, path };
}

/** Compares parsed addresses, whole labels and whole segments: text that begins alike is another place. */
export function coversUrl(pattern: HostPattern, url: string): boolean {
  const asked = plainUrl(url);
  if (asked === undefined) {
    return false;
  }
  const isHost = pattern.below ? asked.host.endsWith(`.${pattern.host}`) : asked.host === pattern.host;
  return isHost && pattern.path.every((segment, index) => asked.path[index] === segment);
}

/** The host, where it may be allowed as a whole. */
export function grantableHost(url: string): string | undefined {
  const host = plainUrl(url)?.host;
  const isAddress =
    host === undefined || !/\.[a-z][a-z0-9-]*$/.test(host) || /\.(?:local|internal|localhost)$/.test(host);
  return isAddress || isUserContent(host) ? undefined : host;
}

/** Only `https`, the usual port and no user name: anything else is asked for as it is. */
function plainUrl(url: string): { readonly host: string; readonly path: readonly string[] } | undefined {
  // What parsers take differently: one reads a slash, the other a user name.
  if (/[\s\\]/.test(url) || !URL.canParse(url)) {
    return undefined;
  }
  const { protocol, username, password, hostname, port, pathname } = new URL(url);
  // A segment with encoded dots or slashes is read differently by the one and the other server.
  const isPlain = protocol === 'https:' && username === '' && password === '' && port === '';
  return !isPlain || /%(?:2e|2f|5c)/i.test(pathname)
    ? undefined
    : { host: hostname.replace(/\.$/, ''), path: pathname.split('/').filter((segment) => segment !== '') };
}

function isUserContent(host: string): boolean {
  return (
    userContentHosts.has(host) || userContentDomains.some((domain) => host === domain || host.endsWith(`.${domain}`))
  );
}
