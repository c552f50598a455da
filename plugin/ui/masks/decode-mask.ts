import { decode } from "fast-png";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { MaskSnapshot } from "../pixels/pixel-tools.ts";
import type { MaskPatch } from "./shapes/draw-region.ts";
import { TILE_SHIFT, TILE_SIDE, type Tile } from "./tiled-mask.ts";

/** All of a mask as one patch; turned, so that what it does not cover is painted. Throws as `decodeMask` does. */
export function readPatch(png: Uint8Array, isTurned: boolean): MaskPatch {
  const { width, height, data } = decodePlane(png);
  const values = Uint8Array.from(data, (value) => (isTurned ? 255 - value : value));
  return { place: { x: 0, y: 0, width, height }, data: values };
}

/** The tiles of a mask that `encodeMask` wrote. Throws `unreadable-image` for any other kind of file. */
export function decodeMask(png: Uint8Array): MaskSnapshot {
  const { width, height, data } = decodePlane(png);
  const columns = Math.ceil(width / TILE_SIDE);
  const rows = Math.ceil(height / TILE_SIDE);
  const tiles = Array.from({ length: columns * rows }, (_, index) => {
    const left = (index % columns) << TILE_SHIFT;
    const top = Math.floor(index / columns) << TILE_SHIFT;
    const pixels: Tile = new Uint8Array(TILE_SIDE * TILE_SIDE);
    for (let y = top; y < Math.min(height, top + TILE_SIDE); y++) {
      const row = data.subarray(y * width + left, y * width + Math.min(width, left + TILE_SIDE));
      pixels.set(row, (y - top) << TILE_SHIFT);
    }
    return { index, pixels };
  });
  const painted = tiles.filter(({ pixels }) => pixels.some((value) => value !== 0));
  return { size: { width, height }, columns, tiles: painted };
}

function decodePlane(png: Uint8Array) {
  const { depth, channels, ...plane } = decode(png);
  if (depth === 8 && channels === 1) return plane;
  throw new OverpaintError("unreadable-image", `The mask has ${channels} channels of ${depth} bits, not one of 8.`);
}
