/** One measured value beside what it is compared with in the same run. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the same machine needs, now, for the simplest thing that does the job; or the limit that was set. */
  readonly baseline: number;
  readonly baselineName: string;
  /** The row fails when value / baseline is larger. */
  readonly maxRatio?: number;
}

/** A file `*.bench.ts` in this folder exports one of these as `bench`. */
export interface Bench {
  readonly name: string;
  run(): Promise<readonly BenchRow[]>;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
