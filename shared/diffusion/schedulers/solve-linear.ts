/** Solves a small square system by Gaussian elimination with partial pivoting. */
export function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column + 1; i < size; i++)
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const pivotRow = rows[column]!;
    for (const row of rows) {
      if (row === pivotRow) continue;
      const factor = row[column]! / pivotRow[column]!;
      for (let k = column; k <= size; k++) row[k]! -= factor * pivotRow[k]!;
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!);
}
