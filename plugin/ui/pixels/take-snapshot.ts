import type { TiledMask } from "../mask/tiled-mask.ts";
import type { MaskSnapshot } from "./pixel-tools.ts";

/** The mask as it is now. Later strokes copy the tiles they touch, so this costs references only. */
export function takeSnapshot({ size, columns, tiles }: TiledMask): MaskSnapshot {
  return {
    size,
    columns,
    tiles: tiles.flatMap((pixels, index) => (pixels === undefined ? [] : [{ index, pixels }])),
  };
}
