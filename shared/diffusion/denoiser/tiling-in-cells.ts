import type { Tiling } from "../../protocol/plans/tiling.ts";

/** A tiling in pixels as one in latent cells, `scale` pixels a side. */
export function tilingInCells(tiling: Tiling, scale: number): Tiling {
  return {
    tileWidth: tiling.tileWidth / scale,
    tileHeight: tiling.tileHeight / scale,
    overlapAcross: tiling.overlapAcross / scale,
    overlapDown: tiling.overlapDown / scale,
    columns: tiling.columns.map((x) => x / scale),
    rows: tiling.rows.map((y) => y / scale),
  };
}
