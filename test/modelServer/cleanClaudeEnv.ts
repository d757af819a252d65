/**
 * The environment in which the CLI asks nothing, reaches nobody but the model server, and writes nowhere but below `home`
 * and `tmp`.
 */
export function cleanClaudeEnv(places: {
  readonly home: string;
  readonly tmp: string;
  readonly url: string;
}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: places.home,
    TMPDIR: places.tmp,
    LANG: 'C.UTF-8',
    ANTHROPIC_BASE_URL: places.url,
    ANTHROPIC_API_KEY: 'not-a-key-but-a-dummy',
    DISABLE_TELEMETRY: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_ERROR_REPORTING: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '1',
  };
}
