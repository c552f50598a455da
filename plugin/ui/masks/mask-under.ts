import type { GrayImage } from "../../../shared/imaging/rgba-image.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { MaskSnapshot } from "../pixels/pixel-tools.ts";
import { TILE_SHIFT, TILE_SIDE } from "./tiled-mask.ts";

/** The part of a mask over `area`; nothing is painted beyond the picture. */
export function maskUnder({ columns, tiles }: MaskSnapshot, area: PixelRect): GrayImage {
  const data = new Uint8Array(area.width * area.height);
  for (const { index, pixels } of tiles) {
    const left = (index % columns) << TILE_SHIFT;
    const top = Math.floor(index / columns) << TILE_SHIFT;
    const from = Math.max(left, area.x);
    const to = Math.min(left + TILE_SIDE, area.x + area.width);
    if (from >= to) continue;
    for (let y = Math.max(top, area.y); y < Math.min(top + TILE_SIDE, area.y + area.height); y += 1) {
      const row = ((y - top) << TILE_SHIFT) - left;
      data.set(pixels.subarray(row + from, row + to), (y - area.y) * area.width + from - area.x);
    }
  }
  return { width: area.width, height: area.height, data };
}
