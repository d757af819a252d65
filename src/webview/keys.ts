const isMac = navigator.platform.startsWith('Mac');

/** Ctrl, or Cmd on a Mac, and nothing else. */
export function isPrimaryChord(event: KeyboardEvent): boolean {
  const primary = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  return primary && !event.altKey && !event.shiftKey;
}

export function chordLabel(key: string): string {
  return isMac ? `\u2318${key}` : `Ctrl+${key}`;
}

/** A key that belongs to an input method, which is still composing text. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Keys that were used here are not handed to the workbench. */
export function consume(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
