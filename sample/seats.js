/** The seats of a row, as labels: `seats('A', 3)` is `['A1', 'A2', 'A3']`. */
export function seats(row, count) {
  const labels = [];
  for (let number = 1; number < count; number++) labels.push(`${row}${number}`);
  return labels;
}
