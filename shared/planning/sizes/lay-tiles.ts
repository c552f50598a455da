import type { PixelSize } from "../../protocol/geometry.ts";
import type { Tiling } from "../../protocol/plans/tiling.ts";

/**
 * Lays tiles of one size evenly over a picture: as few as overlap by at least `overlap`, the first and the last flush with
 * the borders. Along an axis that one tile covers there is no overlap, so that a thin picture is not held to what its short
 * side allows.
 *
 * @param tile at most the picture's size
 * @param overlap least overlap of neighbours along each axis, in pixels, a multiple of `grid` and less than the tile's side
 * @param grid positions are multiples of this; the picture's and the tile's sides are too
 */
export function layTiles(picture: PixelSize, tile: PixelSize, overlap: PixelSize, grid: number): Tiling {
  const columns = starts(picture.width, tile.width, overlap.width, grid);
  const rows = starts(picture.height, tile.height, overlap.height, grid);
  return {
    tileWidth: tile.width,
    tileHeight: tile.height,
    overlapAcross: columns.length > 1 ? overlap.width : 0,
    overlapDown: rows.length > 1 ? overlap.height : 0,
    columns,
    rows,
  };
}

/** Tiles side by side. */
export const noOverlap = { width: 0, height: 0 };

function starts(length: number, tile: number, overlap: number, grid: number): number[] {
  const gaps = Math.ceil((length - tile) / (tile - overlap));
  if (gaps <= 0) return [0];
  // Rounding down moves neighbours apart by less than one cell more than their even distance, which is at most a whole
  // number of cells: the overlap never gets smaller than asked for.
  return Array.from({ length: gaps + 1 }, (_, i) => Math.floor((i * (length - tile)) / gaps / grid) * grid);
}
