import type { PixelSize } from "../../protocol/geometry.ts";
import type { Tiling } from "../../protocol/plans/tiling.ts";
import { createTiledDenoiser } from "../denoiser/create-denoiser.ts";
import { tileWeights } from "../denoiser/tile-weights.ts";
import type { CodingOptions, DiffusionModel, LatentSpace } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { addPlanes } from "../tensors/tile-planes.ts";
import { throwIfCancelled } from "../throw-if-cancelled.ts";
import { denoise, type TileHooks } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { prepareRun, requireWorkingSize } from "./prepare-run.ts";

/** A picture of which only tiles are ever looked at. */
export interface TiledPicture extends PixelSize {
  /** In pixels; multiples of the latent scale throughout. */
  readonly tiling: Tiling;
  /** The tile whose top left corner is at (x, y). */
  readonly readTile: (x: number, y: number) => Promise<PictureTensor>;
}

export interface RefineOptions extends GenerationOptions, TileHooks {
  /** Above 0 to 1: how much noise is put on the picture. */
  readonly strength: number;
}

/**
 * Image to image over tiles: the picture is encoded tile by tile, and the tiles' predictions are blended at every step.
 * The whole exists as latents only. Works with inpainting models too, which are told that everything is masked.
 *
 * @returns clean latents, [channels, height / scale, width / scale]
 */
export async function refineLatents(
  model: DiffusionModel,
  picture: TiledPicture,
  options: RefineOptions,
): Promise<Float32Array> {
  const { tileWidth: width, tileHeight: height } = picture.tiling;
  requireWorkingSize(model, { width, height });

  // 1. Encode the prompts, set up the schedule.
  const setup = { batch: 1, size: picture, strength: options.strength, pipeline: "own" } as const;
  const { noise, conditioning, scheduler, begin } = await prepareRun(model, options, setup);

  // 2. Prepare latents: the picture, then noise on it.
  const coding = { isTiled: options.isVaeTiled ?? false, signal: options.signal };
  const encoded = await encodeTiles(model.latents, picture, coding);
  const latents = scheduler.addNoise(encoded, noise.normal(encoded.length), begin);

  // 3. Denoise.
  const denoiser = await createTiledDenoiser(model, {
    ...options,
    conditioning,
    batch: 1,
    size: picture,
    tiling: picture.tiling,
    afterTile: () => options.onTile?.(scheduler.timesteps.length - begin),
  });
  return await denoise(latents, { ...options, denoiser, scheduler, noise, begin });
}

/** The latents of the whole, blended where tiles overlap. The encoder's deviation is left out: it is next to nothing. */
async function encodeTiles(
  space: LatentSpace,
  { width, height, tiling, readTile }: TiledPicture,
  coding: CodingOptions,
): Promise<Float32Array> {
  const { cell, channels } = space;
  const inCells = (starts: readonly number[]): number[] => starts.map((start) => start / cell);
  const size = { width: width / cell, height: height / cell };
  const tile = { width: tiling.tileWidth / cell, height: tiling.tileHeight / cell };
  const across = tileWeights(inCells(tiling.columns), tile.width, tiling.overlapAcross / cell);
  const down = tileWeights(inCells(tiling.rows), tile.height, tiling.overlapDown / cell);
  const latents = new Float32Array(channels * size.height * size.width);
  for (const [row, y] of tiling.rows.entries())
    for (const [column, x] of tiling.columns.entries()) {
      throwIfCancelled(coding.signal);
      const encoded = await space.encode([await readTile(x, y)], coding);
      const weights = { across: across[column]!, down: down[row]! };
      addPlanes(latents, size, space.mean(encoded), { x: x / cell, y: y / cell, ...tile }, weights);
    }
  return latents;
}
