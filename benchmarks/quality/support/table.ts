/** A Markdown table; numbers are shown with two decimals, and everything but the first column is set to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const shown = (cell: string | number): string => (typeof cell === "number" ? cell.toFixed(2) : cell);
  const rule = header.map((_, column) => (column === 0 ? "---" : "---:"));
  return [line(header), line(rule), ...rows.map((row) => line(row.map(shown)))].join("\n");
}
