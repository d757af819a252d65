/** Waits for something, but not longer than this. */
export async function within(awaited: Promise<unknown>, patienceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([awaited, patience]);
  clearTimeout(timer);
}
