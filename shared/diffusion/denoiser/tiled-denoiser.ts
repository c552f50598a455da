import type { PixelSize } from "../../protocol/geometry.ts";
import type { Tiling } from "../../protocol/plans/tiling.ts";
import { addPlanes, type CellRect, cutPlanes } from "../tensors/tile-planes.ts";
import { throwIfCancelled } from "../throw-if-cancelled.ts";
import type { Denoiser, RunShare } from "./denoiser.ts";
import { tileWeights } from "./tile-weights.ts";

export interface TiledDenoiserOptions {
  /** Size of the whole latents, in cells. */
  readonly whole: PixelSize;
  /** In latent cells. Every tile has the same size. */
  readonly tiling: Tiling;
  /** The denoiser of a tile, asked for at each step: what it holds may go once it has answered. */
  readonly denoiserOf: (tile: CellRect) => Denoiser | Promise<Denoiser>;
  /** Looked at before each tile. */
  readonly signal?: AbortSignal | undefined;
  /** Awaited after each tile. */
  readonly afterTile?: (() => void | Promise<void>) | undefined;
}

/**
 * Denoises latents larger than the model in overlapping tiles, whose predictions are blended at every step with weights
 * that fade out smoothly. Blended is what the model answers, not what a scheduler makes of it: one scheduler step over the
 * whole latents then follows, so multistep and stochastic schedulers work as they do without tiles.
 *
 * Bar-Tal et al., "MultiDiffusion: Fusing Diffusion Paths for Controlled Image Generation", 2023, formula (5).
 */
export class TiledDenoiser implements Denoiser {
  readonly #options: TiledDenoiserOptions;
  readonly #columnWeights: readonly Float32Array[];
  readonly #rowWeights: readonly Float32Array[];

  constructor(options: TiledDenoiserOptions) {
    const { tileWidth, tileHeight, columns, rows } = options.tiling;
    this.#options = options;
    this.#columnWeights = tileWeights(columns, tileWidth, leastOverlap(columns, tileWidth));
    this.#rowWeights = tileWeights(rows, tileHeight, leastOverlap(rows, tileHeight));
  }

  async predict(latents: Float32Array, timestep: number, where: string, share?: RunShare): Promise<Float32Array> {
    const { whole, signal, tiling, denoiserOf, afterTile } = this.#options;
    const { columns, rows, tileWidth: width, tileHeight: height } = tiling;
    const blended = new Float32Array(latents.length);
    for (const [row, y] of rows.entries())
      for (const [column, x] of columns.entries()) {
        throwIfCancelled(signal);
        const place = `${where}, tile ${row * columns.length + column + 1} of ${rows.length * columns.length}`;
        const tile = { x, y, width, height };
        const denoiser = await denoiserOf(tile);
        const output = await denoiser.predict(cutPlanes(latents, whole, tile), timestep, place, share);
        const weights = { across: this.#columnWeights[column]!, down: this.#rowWeights[row]! };
        addPlanes(blended, whole, output, tile, weights);
        await afterTile?.();
      }
    return blended;
  }
}

/** Of neighbours, in cells: mostly more than a tiling asks for, and the wider tiles fade the less their borders show. */
function leastOverlap(starts: readonly number[], tile: number): number {
  return tile - starts.reduce((widest, start, i) => Math.max(widest, start - (starts[i - 1] ?? start)), 0);
}
