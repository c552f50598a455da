import type { TiledMask } from "../../../../plugin/ui/masks/tiled-mask.ts";

/** Every painted pixel, row by row. */
export function paintedPixels(mask: TiledMask): readonly (readonly [number, number])[] {
  const painted: (readonly [number, number])[] = [];
  for (let y = 0; y < mask.size.height; y++)
    for (let x = 0; x < mask.size.width; x++) if (mask.isPainted(x, y)) painted.push([x, y]);
  return painted;
}
