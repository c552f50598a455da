import type { Tiling } from "../../protocol/plans/tiling.ts";
import type { ModelPack } from "../model-pack.ts";
import { throwIfCancelled } from "../pipelines/denoise.ts";
import type { Denoiser } from "./denoiser.ts";
import { type DenoiserOptions, GuidedDenoiser } from "./guided-denoiser.ts";
import { tileWeights } from "./tile-weights.ts";

export interface TiledDenoiserOptions extends DenoiserOptions {
  /** In latent cells. Every tile has the same size, and is told the same `extraChannels`, which are of that size. */
  readonly tiling: Tiling;
  /** Looked at before each tile. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Denoises latents larger than the model in overlapping tiles, whose predictions are blended at every step with weights
 * that fade out smoothly. Blended is what the model answers, not what a scheduler makes of it: one scheduler step over the
 * whole latents then follows, so multistep and stochastic schedulers work as they do without tiles.
 *
 * Bar-Tal et al., "MultiDiffusion: Fusing Diffusion Paths for Controlled Image Generation", 2023, formula (5).
 */
export class TiledDenoiser implements Denoiser {
  readonly #tile: Denoiser;
  readonly #options: TiledDenoiserOptions;
  readonly #columnWeights: readonly Float32Array[];
  readonly #rowWeights: readonly Float32Array[];

  private constructor(tile: Denoiser, options: TiledDenoiserOptions) {
    const { tileWidth, tileHeight, overlap, columns, rows } = options.tiling;
    this.#tile = tile;
    this.#options = options;
    this.#columnWeights = tileWeights(columns, tileWidth, overlap);
    this.#rowWeights = tileWeights(rows, tileHeight, overlap);
  }

  /** `width` and `height` of the options are those of the whole latents. */
  static async create(pack: ModelPack, options: TiledDenoiserOptions): Promise<TiledDenoiser> {
    const { tileWidth: width, tileHeight: height } = options.tiling;
    return new TiledDenoiser(await GuidedDenoiser.create(pack, { ...options, width, height }), options);
  }

  async predict(latents: Float32Array, timestep: number, where: string): Promise<Float32Array> {
    const { signal, tiling } = this.#options;
    const { columns, rows } = tiling;
    const blended = new Float32Array(latents.length);
    for (const [row, y] of rows.entries())
      for (const [column, x] of columns.entries()) {
        throwIfCancelled(signal);
        const place = `${where}, tile ${row * columns.length + column + 1} of ${rows.length * columns.length}`;
        const output = await this.#tile.predict(this.#cut(latents, x, y), timestep, place);
        this.#add(blended, output, column, row);
      }
    return blended;
  }

  /** Every plane of every image under the tile at (x, y). */
  #cut(latents: Float32Array, x: number, y: number): Float32Array {
    const { width, height, tiling } = this.#options;
    const { tileWidth, tileHeight } = tiling;
    const planes = latents.length / (width * height);
    const tile = new Float32Array(planes * tileHeight * tileWidth);
    for (let line = 0; line < planes * tileHeight; line++) {
      const plane = Math.floor(line / tileHeight);
      const start = (plane * height + y + (line % tileHeight)) * width + x;
      tile.set(latents.subarray(start, start + tileWidth), line * tileWidth);
    }
    return tile;
  }

  #add(blended: Float32Array, tile: Float32Array, column: number, row: number): void {
    const { width, height, tiling } = this.#options;
    const { tileWidth, tileHeight, columns, rows } = tiling;
    const across = this.#columnWeights[column]!;
    const down = this.#rowWeights[row]!;
    for (let line = 0; line < tile.length / tileWidth; line++) {
      const plane = Math.floor(line / tileHeight);
      const y = line % tileHeight;
      const target = (plane * height + rows[row]! + y) * width + columns[column]!;
      for (let x = 0; x < tileWidth; x++)
        blended[target + x] = blended[target + x]! + across[x]! * down[y]! * tile[line * tileWidth + x]!;
    }
  }
}
