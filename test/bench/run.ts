import { globSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bench, BenchRow } from './bench.ts';

const wanted = process.argv.slice(2);
const columns: readonly { readonly title: string; readonly text: (row: BenchRow) => string }[] = [
  { title: 'measured', text: ({ name }) => name },
  { title: 'value', text: ({ value, unit }) => `${value.toFixed(2)} ${unit}` },
  { title: 'baseline', text: ({ baseline, unit }) => `${baseline.toFixed(2)} ${unit}` },
  { title: 'ratio', text: (row) => ratioOf(row).toFixed(2) },
  { title: 'against', text: ({ baselineName }) => baselineName },
  { title: '', text: (row) => (isFailed(row) ? `MORE THAN ${row.maxRatio}` : '') },
];

function ratioOf({ value, baseline }: BenchRow): number {
  return value / baseline;
}

function isFailed(row: BenchRow): boolean {
  return row.maxRatio !== undefined && !(ratioOf(row) <= row.maxRatio);
}

function table(rows: readonly BenchRow[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  return cells.map((line) => line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')).join('\n');
}

let failed = 0;
let passed = 0;
for (const file of globSync('*.bench.ts', { cwd: import.meta.dirname }).toSorted()) {
  if (wanted.length > 0 && !wanted.some((name) => file.startsWith(name))) continue;
  const { bench }: { bench: Bench } = await import(pathToFileURL(path.join(import.meta.dirname, file)).href);
  let rows: readonly BenchRow[];
  try {
    rows = await bench.run();
  } catch (error) {
    // The others still have something to say.
    console.error(`${bench.name} failed:`, error);
    failed += 1;
    continue;
  }
  console.log(`${bench.name}\n${table(rows)}\n`);
  failed += rows.filter(isFailed).length;
  passed += rows.filter((row) => !isFailed(row)).length;
}
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
