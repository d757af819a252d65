import type { ShellCommands } from './shellCommands.ts';

const names = ['startShell', 'showShell', 'killShell', 'killAllShells', 'handShellOutput'] as const;

/** Registers what people can do with shells; it is loaded with the first command. */
export function registerShellCommands(
  register: (name: string, run: (argument: unknown) => unknown) => void,
  load: () => Promise<ShellCommands>,
): void {
  let commands: ShellCommands | undefined;
  for (const name of names) {
    register(name, async (argument) => {
      commands ??= await load();
      return commands[name](argument);
    });
  }
}
