import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { intersect } from "../pixels/rectangles.ts";
import type { MaskPatch } from "./shapes/draw-region.ts";
import { TILE_SHIFT, TILE_SIDE, type Tile, type TileChanges, type TiledMask } from "./tiled-mask.ts";

/** What a patch does to the mask beneath it. "replace": outside of it nothing stays. */
export type PatchMode = "add" | "subtract" | "replace";

/** Combines a patch with the mask, as one step for the history. Nothing outside `clip` is touched. */
export function applyPatch(mask: TiledMask, { place, data }: MaskPatch, mode: PatchMode, clip: PixelRect): TileChanges {
  const touched = intersect(place, clip);
  const changes = new Map<number, { before: Tile | undefined; after: Tile | undefined }>();
  mask.tiles.forEach((before, index) => {
    const tile = { x: (index % mask.columns) << TILE_SHIFT, y: Math.floor(index / mask.columns) << TILE_SHIFT };
    const inTile = touched && intersect(touched, { ...tile, width: TILE_SIDE, height: TILE_SIDE });
    if (inTile === undefined) {
      if (mode === "replace" && before !== undefined) changes.set(index, { before, after: undefined });
      return;
    }
    if (before === undefined && mode === "subtract") return;
    const pixels: Tile =
      before === undefined || mode === "replace" ? new Uint8Array(TILE_SIDE * TILE_SIDE) : before.slice();
    for (let y = inTile.y; y < inTile.y + inTile.height; y++) {
      let from = (y - place.y) * place.width + inTile.x - place.x;
      let to = ((y - tile.y) << TILE_SHIFT) + inTile.x - tile.x;
      for (let x = 0; x < inTile.width; x++, from++, to++) {
        const value = data[from]!;
        const now = pixels[to]!;
        pixels[to] = mode === "subtract" ? Math.min(now, 255 - value) : Math.max(now, value);
      }
    }
    const after = pixels.some((value) => value !== 0) ? pixels : undefined;
    if (before !== undefined || after !== undefined) changes.set(index, { before, after });
  });
  for (const [index, { after }] of changes) mask.setTile(index, after);
  return changes;
}
