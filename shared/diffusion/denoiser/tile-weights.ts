/**
 * How much each of the overlapping tiles along one axis counts at each of its cells: rising as sin² over `overlap` cells
 * from either end of a tile, and made to sum to 1 over all tiles at every cell.
 *
 * @param starts First cell of each tile, ascending; together the tiles cover the axis.
 * @param tile Length of every tile.
 * @returns One array of `tile` weights for each start.
 */
export function tileWeights(starts: readonly number[], tile: number, overlap: number): readonly Float32Array[] {
  const window = Float64Array.from({ length: tile }, (_, i) => {
    const depth = Math.min(i + 0.5, tile - i - 0.5) / Math.max(overlap, 1);
    return Math.sin((Math.PI / 2) * Math.min(depth, 1)) ** 2;
  });
  const sums = new Float64Array(starts.at(-1)! + tile);
  for (const start of starts) for (let i = 0; i < tile; i++) sums[start + i] = sums[start + i]! + window[i]!;
  return starts.map((start) => Float32Array.from(window, (weight, i) => weight / sums[start + i]!));
}
