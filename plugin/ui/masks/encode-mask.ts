import { encode } from "fast-png";
import type { MaskSnapshot } from "../pixels/pixel-tools.ts";
import type { MaskPlane } from "./change-mask.ts";
import { TILE_SHIFT, TILE_SIDE } from "./tiled-mask.ts";

/** The mask as an 8-bit greyscale PNG of the source's size, white where it is painted. */
export function encodeMask(mask: MaskSnapshot): Uint8Array<ArrayBuffer> {
  const { width, height, data } = planeOf(mask);
  return new Uint8Array(encode({ width, height, data, depth: 8, channels: 1 }));
}

/** All of its pixels in one plane. */
export function planeOf({ size, columns, tiles }: MaskSnapshot): MaskPlane {
  const { width, height } = size;
  const pixels = new Uint8Array(width * height);
  for (const { index, pixels: tile } of tiles) {
    const left = (index % columns) << TILE_SHIFT;
    const top = Math.floor(index / columns) << TILE_SHIFT;
    const tileWidth = Math.min(TILE_SIDE, width - left);
    const tileHeight = Math.min(TILE_SIDE, height - top);
    for (let y = 0; y < tileHeight; y++) {
      const row = y << TILE_SHIFT;
      pixels.set(tile.subarray(row, row + tileWidth), (top + y) * width + left);
    }
  }
  return { width, height, data: pixels };
}
