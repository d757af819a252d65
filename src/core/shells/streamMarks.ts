export interface StreamRange {
  readonly from: number;
  readonly to: number;
}

/** Output that changes between the streams more often than this is marked for its newest part only. */
const maxRanges = 4096;

/** Which parts of a shell's output came from standard error. */
export class StreamMarks {
  #ranges: { from: number; to: number }[] = [];
  #knownFrom = 0;

  /** Before this offset it is no longer known. */
  get knownFrom(): number {
    return this.#knownFrom;
  }

  note(from: number, length: number, isError: boolean): void {
    if (!isError || length === 0) {
      return;
    }
    const last = this.#ranges.at(-1);
    if (last?.to === from) {
      last.to += length;
      return;
    }
    this.#ranges.push({ from, to: from + length });
    if (this.#ranges.length > maxRanges) {
      this.#ranges = this.#ranges.slice(maxRanges / 2);
      this.#knownFrom = this.#ranges[0]?.from ?? from;
    }
  }

  /** The parts between two offsets that are standard error, in order. */
  within(from: number, to: number): readonly StreamRange[] {
    return this.#ranges.flatMap((range) =>
      range.to > from && range.from < to ? [{ from: Math.max(from, range.from), to: Math.min(to, range.to) }] : [],
    );
  }
}
