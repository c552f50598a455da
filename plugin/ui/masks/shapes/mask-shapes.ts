import type { PixelRect } from "../../../../shared/protocol/geometry.ts";
import { intersect } from "../../pixels/rectangles.ts";
import { TILE_SHIFT, TILE_SIDE, type Tile, type TileChanges, type TiledMask } from "../tiled-mask.ts";
import type { MaskPatch } from "./draw-region.ts";

/** Shapes of the document that are part of a mask. */
export interface MaskShapes {
  readonly shapeIds: readonly string[];
  readonly by: "outline" | "alpha";
  /** As they were when they were drawn. */
  readonly version: string;
  /** Whether they are otherwise now. */
  readonly isStale: boolean;
  readonly drawn: MaskPatch;
  /** The mask's tiles without them: what was painted by hand. */
  readonly byHand: readonly (Tile | undefined)[];
  /** Whether the whole mask was changed since, grown or inverted for instance: what strokes did to it cannot be told any more. */
  readonly isReshaped: boolean;
}

/** The mask with its shapes as they are now. */
export interface Redrawn {
  readonly changes: TileChanges;
  readonly byHand: readonly (Tile | undefined)[];
}

/**
 * Draws a mask's shapes again, inside `clip`, and keeps what was done by hand before and since: what was painted stays painted, what
 * was erased stays erased. After a change of the whole mask only what was painted before stays. Changes nothing itself.
 */
export function redrawShapes(mask: TiledMask, shapes: MaskShapes, next: MaskPatch, clip: PixelRect): Redrawn {
  const changes = new Map<number, { before: Tile | undefined; after: Tile | undefined }>();
  const byHand = mask.tiles.map((before, index) => {
    const corner = { x: (index % mask.columns) << TILE_SHIFT, y: Math.floor(index / mask.columns) << TILE_SHIFT };
    const [old, own, now] = [shapes.byHand[index], tileOf(shapes.drawn, corner, clip), tileOf(next, corner, clip)];
    if (!before && !old && !own && !now) return undefined;
    const hand: Tile = new Uint8Array(TILE_SIDE * TILE_SIDE);
    const after: Tile = new Uint8Array(TILE_SIDE * TILE_SIDE);
    for (let i = 0; i < after.length; i++) {
      const untouched = Math.max(old?.[i] ?? 0, own?.[i] ?? 0);
      const current = shapes.isReshaped ? untouched : (before?.[i] ?? 0);
      hand[i] =
        current > untouched ? current : current < untouched ? Math.min(current, old?.[i] ?? 0) : (old?.[i] ?? 0);
      const drawn = Math.max(hand[i]!, now?.[i] ?? 0);
      after[i] = current < untouched ? Math.min(current, drawn) : drawn;
    }
    changes.set(index, { before, after: painted(after) });
    return painted(hand);
  });
  return { changes, byHand };
}

function painted(tile: Tile): Tile | undefined {
  return tile.some((value) => value !== 0) ? tile : undefined;
}

/** What of a patch lies in a tile. */
function tileOf({ place, data }: MaskPatch, corner: { x: number; y: number }, clip: PixelRect): Tile | undefined {
  const shown = intersect(place, clip);
  const part = shown && intersect(shown, { ...corner, width: TILE_SIDE, height: TILE_SIDE });
  if (part === undefined) return undefined;
  const tile: Tile = new Uint8Array(TILE_SIDE * TILE_SIDE);
  for (let y = part.y; y < part.y + part.height; y++) {
    const from = (y - place.y) * place.width + part.x - place.x;
    tile.set(data.subarray(from, from + part.width), ((y - corner.y) << TILE_SHIFT) + part.x - corner.x);
  }
  return tile;
}
