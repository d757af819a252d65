type Environment = Readonly<Record<string, string>>;

/** What the editor puts into its own processes, and what another Claude Code puts into its children. */
const foreign = /^(?:CLAUDECODE$|CLAUDE_CODE_|VSCODE_|ELECTRON_|NODE_OPTIONS$)/i;

/** The environment of the CLI: the person's, without what belongs to the editor, and with what is configured. */
export function buildEnvironment(inherited: Environment, configured: Environment): Record<string, string> {
  const kept = Object.entries(inherited).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1', ...configured };
}
