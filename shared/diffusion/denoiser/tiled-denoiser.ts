import type { Tiling } from "../../protocol/plans/tiling.ts";
import type { ModelPack } from "../model-pack.ts";
import { throwIfCancelled } from "../pipelines/denoise.ts";
import { addPlanes, cutPlanes } from "../tensors/tile-planes.ts";
import type { Denoiser } from "./denoiser.ts";
import { type DenoiserOptions, GuidedDenoiser } from "./guided-denoiser.ts";
import { tileWeights } from "./tile-weights.ts";

export interface TiledDenoiserOptions extends DenoiserOptions {
  /** In latent cells. Every tile has the same size, and is told the same `extraChannels`, which are of that size. */
  readonly tiling: Tiling;
  /** [batch, channels, height, width] of the whole latents, of which each tile is told its own part, instead. */
  readonly wholeChannels?: Float32Array | undefined;
  /** Looked at before each tile. */
  readonly signal?: AbortSignal | undefined;
  /** Awaited after each tile. */
  readonly afterTile?: (() => void | Promise<void>) | undefined;
}

/** Predicts the noise in the tile at (x, y). */
type TilePredictor = (
  latents: Float32Array,
  x: number,
  y: number,
  timestep: number,
  where: string,
) => Promise<Float32Array>;

/**
 * Denoises latents larger than the model in overlapping tiles, whose predictions are blended at every step with weights
 * that fade out smoothly. Blended is what the model answers, not what a scheduler makes of it: one scheduler step over the
 * whole latents then follows, so multistep and stochastic schedulers work as they do without tiles.
 *
 * Bar-Tal et al., "MultiDiffusion: Fusing Diffusion Paths for Controlled Image Generation", 2023, formula (5).
 */
export class TiledDenoiser implements Denoiser {
  readonly #predictTile: TilePredictor;
  readonly #options: TiledDenoiserOptions;
  readonly #columnWeights: readonly Float32Array[];
  readonly #rowWeights: readonly Float32Array[];

  private constructor(predictTile: TilePredictor, options: TiledDenoiserOptions) {
    const { tileWidth, tileHeight, columns, rows } = options.tiling;
    this.#predictTile = predictTile;
    this.#options = options;
    this.#columnWeights = tileWeights(columns, tileWidth, leastOverlap(columns, tileWidth));
    this.#rowWeights = tileWeights(rows, tileHeight, leastOverlap(rows, tileHeight));
  }

  /** `width` and `height` of the options are those of the whole latents. */
  static async create(pack: ModelPack, options: TiledDenoiserOptions): Promise<TiledDenoiser> {
    const { tiling, wholeChannels } = options;
    const size = { width: tiling.tileWidth, height: tiling.tileHeight };
    if (!wholeChannels) {
      const tile = await GuidedDenoiser.create(pack, { ...options, ...size });
      return new TiledDenoiser((latents, _x, _y, timestep, where) => tile.predict(latents, timestep, where), options);
    }
    // A denoiser holds what its tile is told; kept for every tile of a large picture, they would fill the memory.
    const predictTile: TilePredictor = async (latents, x, y, timestep, where) => {
      const extraChannels = cutPlanes(wholeChannels, options, { x, y, ...size });
      const tile = await GuidedDenoiser.create(pack, { ...options, ...size, extraChannels });
      return await tile.predict(latents, timestep, where);
    };
    return new TiledDenoiser(predictTile, options);
  }

  async predict(latents: Float32Array, timestep: number, where: string): Promise<Float32Array> {
    const { signal, tiling, afterTile } = this.#options;
    const { columns, rows, tileWidth: width, tileHeight: height } = tiling;
    const blended = new Float32Array(latents.length);
    for (const [row, y] of rows.entries())
      for (const [column, x] of columns.entries()) {
        throwIfCancelled(signal);
        const place = `${where}, tile ${row * columns.length + column + 1} of ${rows.length * columns.length}`;
        const tile = { x, y, width, height };
        const output = await this.#predictTile(cutPlanes(latents, this.#options, tile), x, y, timestep, place);
        const weights = { across: this.#columnWeights[column]!, down: this.#rowWeights[row]! };
        addPlanes(blended, this.#options, output, tile, weights);
        await afterTile?.();
      }
    return blended;
  }
}

/** Of neighbours, in cells: mostly more than a tiling asks for, and the wider tiles fade the less their borders show. */
function leastOverlap(starts: readonly number[], tile: number): number {
  return tile - starts.reduce((widest, start, i) => Math.max(widest, start - (starts[i - 1] ?? start)), 0);
}
