/** Whether a version like `2.1.197` is that old or newer; one that is not known is not. */
export function isAtLeast(version: string | undefined, wanted: string): boolean {
  const found = (version ?? '').split('.').map(Number);
  for (const [index, number] of wanted.split('.').map(Number).entries()) {
    const other = found[index];
    if (other === undefined || Number.isNaN(other) || other < number) {
      return false;
    }
    if (other > number) {
      return true;
    }
  }
  return true;
}
