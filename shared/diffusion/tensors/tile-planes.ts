import type { PixelSize } from "../../protocol/geometry.ts";

/** A rectangle of cells. */
export interface CellRect extends PixelSize {
  readonly x: number;
  readonly y: number;
}

/** Cuts the part of every plane that lies under `tile` out of [planes, height, width]. */
export function cutPlanes(values: Float32Array, { width, height }: PixelSize, tile: CellRect): Float32Array {
  const planes = values.length / (width * height);
  const cut = new Float32Array(planes * tile.height * tile.width);
  for (let line = 0; line < planes * tile.height; line++) {
    const plane = Math.floor(line / tile.height);
    const start = (plane * height + tile.y + (line % tile.height)) * width + tile.x;
    cut.set(values.subarray(start, start + tile.width), line * tile.width);
  }
  return cut;
}

/**
 * Adds a tile's planes, weighted, to those of the whole, [planes, height, width].
 *
 * @param across One weight for each column of the tile.
 * @param down One weight for each row.
 */
export function addPlanes(
  whole: Float32Array,
  { width, height }: PixelSize,
  values: Float32Array,
  tile: CellRect,
  { across, down }: { readonly across: Float32Array; readonly down: Float32Array },
): void {
  for (let line = 0; line < values.length / tile.width; line++) {
    const plane = Math.floor(line / tile.height);
    const y = line % tile.height;
    const target = (plane * height + tile.y + y) * width + tile.x;
    for (let x = 0; x < tile.width; x++)
      whole[target + x] = whole[target + x]! + across[x]! * down[y]! * values[line * tile.width + x]!;
  }
}
