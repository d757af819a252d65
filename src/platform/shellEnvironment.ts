/** What the editor puts into its own processes; the terminal that the editor was started from is not ours either. */
const foreign =
  /^(?:VSCODE_|ELECTRON_|NODE_OPTIONS$|CLAUDECODE$|CLAUDE_CODE_|TMUX$|TMUX_PANE$|STY$|WINDOWID$|TERMCAP$|COLUMNS$|LINES$)/i;

/** The person's environment for a shell that nobody sits at: nothing waits for a key, or opens an editor. */
export function shellEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  tty: boolean,
): Record<string, string> {
  const kept = Object.entries(inherited).flatMap(([name, value]) =>
    value === undefined || foreign.test(name) ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(kept),
    ...(tty ? {} : { TERM: 'dumb' }),
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: 'true',
  };
}
