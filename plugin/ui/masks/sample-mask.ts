import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { Viewport } from "../stage/viewport.ts";
import { TILE_SHIFT, TILE_SIDE, type TiledMask } from "./tiled-mask.ts";

/** Samples per view pixel along each side where several image pixels share one: they soften the mask's stairs. */
const SAMPLES_ZOOMED_OUT = 2;

/**
 * How much of each view pixel in `area` the mask covers, 0 to 255, row by row.
 * The cost depends on the view alone, not on the picture's size.
 */
export function sampleMask(mask: TiledMask, view: Viewport, area: PixelRect): Uint8ClampedArray {
  const coverage = new Uint8ClampedArray(area.width * area.height);
  const { columns, tiles, size } = mask;
  const samples = view.scale < 1 ? SAMPLES_ZOOMED_OUT : 1;
  // Fully covered samples of a pixel add up to 256, which the clamped array turns into 255.
  const weight = 256 / 255 / samples ** 2;
  const imageColumns = sampledPositions(area.x, area.width, view.x, view.scale, size.width, samples);
  const imageRows = sampledPositions(area.y, area.height, view.y, view.scale, size.height, samples);
  imageRows.forEach((y, sampleRow) => {
    if (y < 0) return;
    const tileRow = (y >> TILE_SHIFT) * columns;
    if (isEmptyRow(tiles, tileRow, columns)) return;
    const rowInTile = (y & (TILE_SIDE - 1)) << TILE_SHIFT;
    const out = Math.floor(sampleRow / samples) * area.width;
    for (let i = 0; i < imageColumns.length; i++) {
      const x = imageColumns[i]!;
      if (x < 0) continue;
      const tile = tiles[tileRow + (x >> TILE_SHIFT)];
      if (tile === undefined) continue;
      const value = tile[rowInTile | (x & (TILE_SIDE - 1))]!;
      if (value !== 0) coverage[out + ((i / samples) | 0)]! += weight * value;
    }
  });
  return coverage;
}

/** The image coordinate under each sample of a run of view pixels; -1 outside the image. */
function sampledPositions(
  start: number,
  length: number,
  offset: number,
  scale: number,
  limit: number,
  samples: number,
): Int32Array {
  return Int32Array.from({ length: length * samples }, (_, i) => {
    const position = Math.floor((start + (i + 0.5) / samples - offset) / scale);
    return position < limit ? position : -1;
  });
}

function isEmptyRow(tiles: TiledMask["tiles"], first: number, columns: number): boolean {
  for (let i = first; i < first + columns; i++) if (tiles[i] !== undefined) return false;
  return true;
}
