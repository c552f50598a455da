import type { MaskSnapshot } from "../pixels/pixel-tools.ts";
import type { TiledMask } from "./tiled-mask.ts";

/** The mask as it is now. Later strokes copy the tiles they touch, so this costs references only. */
export function takeSnapshot({ size, columns, tiles }: TiledMask): MaskSnapshot {
  return {
    size,
    columns,
    tiles: tiles.flatMap((pixels, index) => (pixels === undefined ? [] : [{ index, pixels }])),
  };
}
