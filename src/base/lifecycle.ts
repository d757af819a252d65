/** Something that holds a resource until it is disposed. Disposing twice is the same as once. */
export interface Disposable {
  dispose(): void;
}

export function toDisposable(release: () => void): Disposable {
  let held: (() => void) | undefined = release;
  return {
    dispose() {
      const release = held;
      held = undefined;
      release?.();
    },
  };
}

/** Owns several disposables; what is added after disposal is disposed at once. */
export class DisposableStore implements Disposable {
  readonly #items = new Set<Disposable>();
  #disposed = false;

  get isDisposed(): boolean {
    return this.#disposed;
  }

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) {
      item.dispose();
    } else {
      this.#items.add(item);
    }
    return item;
  }

  delete(item: Disposable): void {
    if (this.#items.delete(item)) {
      item.dispose();
    }
  }

  clear(): void {
    const items = [...this.#items].reverse();
    this.#items.clear();
    for (const item of items) {
      item.dispose();
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.clear();
  }
}

/** Holds one disposable that can be replaced; the old one is disposed when a new one comes. */
export class MutableDisposable<T extends Disposable> implements Disposable {
  #value: T | undefined;
  #disposed = false;

  get value(): T | undefined {
    return this.#value;
  }

  set value(next: T | undefined) {
    if (next === this.#value) {
      return;
    }
    this.#value?.dispose();
    this.#value = next;
    if (this.#disposed) {
      this.#value?.dispose();
      this.#value = undefined;
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.value = undefined;
  }
}
