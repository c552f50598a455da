import type { Tiling } from "../../protocol/plans/tiling.ts";

/** A tiling in pixels as one in latent cells, `scale` pixels a side. */
export function tilingInCells({ tileWidth, tileHeight, overlap, columns, rows }: Tiling, scale: number): Tiling {
  return {
    tileWidth: tileWidth / scale,
    tileHeight: tileHeight / scale,
    overlap: overlap / scale,
    columns: columns.map((x) => x / scale),
    rows: rows.map((y) => y / scale),
  };
}
