/** Holds output back until its listener has come. */
export class OutputGate {
  #listener: ((bytes: Uint8Array) => void) | undefined;
  #held: Uint8Array[] = [];

  open(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener;
    const held = this.#held;
    this.#held = [];
    for (const bytes of held) {
      listener(bytes);
    }
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) {
      return;
    }
    if (this.#listener === undefined) {
      this.#held.push(bytes);
    } else {
      this.#listener(bytes);
    }
  }
}
