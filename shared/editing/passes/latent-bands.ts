import type { PixelSize } from "../../protocol/geometry.ts";
import type { Tiling } from "../../protocol/plans/tiling.ts";

/** Of latents in float32, of which drawing holds several: models that fold pixels into 48 channels have twelve times the usual. */
const MOST_BYTES = 128 * 1024 * 1024;

/** Rows of tiles that are denoised together. Positions inside are from the band's own top. */
export interface LatentBand {
  readonly top: number;
  readonly height: number;
  readonly tiling: Tiling;
}

/**
 * Splits a tiling into bands of tile rows whose latents stay within bounds; mostly into one. Within a band latents are
 * blended at every step; neighbouring bands overlap as their tiles do, and are blended once they are pictures.
 *
 * @param width of the whole latents, in cells
 * @param mostBytes what one band's latents may take, unless it is a single row of tiles already
 */
export function latentBands(
  tiling: Tiling,
  { width }: Pick<PixelSize, "width">,
  channels: number,
  mostBytes = MOST_BYTES,
): readonly LatentBand[] {
  const mostHeight = Math.floor(mostBytes / (channels * width * Float32Array.BYTES_PER_ELEMENT));
  const bands: number[][] = [];
  for (const row of tiling.rows) {
    const band = bands.at(-1);
    if (band !== undefined && row + tiling.tileHeight - band[0]! <= mostHeight) band.push(row);
    else bands.push([row]);
  }
  return bands.map((rows) => {
    const top = rows[0]!;
    return {
      top,
      height: rows.at(-1)! + tiling.tileHeight - top,
      tiling: { ...tiling, rows: rows.map((row) => row - top) },
    };
  });
}
