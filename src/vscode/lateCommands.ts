export type Register = (name: string, run: (argument: unknown) => unknown) => void;

/** Registers methods as commands; the object that has them is loaded with the first of them that is called. */
export function registerLate<Name extends string>(
  register: Register,
  names: readonly Name[],
  load: () => Promise<Readonly<Record<Name, (argument: unknown) => unknown>>>,
): void {
  let loaded: ReturnType<typeof load> | undefined;
  for (const name of names) {
    register(name, async (argument) => {
      // What could not be loaded is tried again the next time.
      loaded ??= load().catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      return (await loaded)[name](argument);
    });
  }
}
