import type { PixelSize } from "../../protocol/geometry.ts";
import type { Tiling } from "../../protocol/plans/tiling.ts";
import { tileWeights } from "../denoiser/tile-weights.ts";
import { TiledDenoiser } from "../denoiser/tiled-denoiser.ts";
import { tilingInCells } from "../denoiser/tiling-in-cells.ts";
import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { addPlanes } from "../tensors/tile-planes.ts";
import { encodePicture } from "../vae/encode-picture.ts";
import { scaleLatents } from "../vae/latent-scaling.ts";
import { denoise, type TileHooks, throwIfCancelled } from "./denoise.ts";
import { everythingMasked } from "./everything-masked.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { checkpointOverrides, prepareRun, wholePictureTimeIds } from "./prepare-run.ts";
import { beginIndex } from "./strength.ts";

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
  pack: ModelPack,
  picture: TiledPicture,
  options: RefineOptions,
): Promise<Float32Array> {
  // 1. Encode the prompts, set up the schedule.
  const setup = { batch: 1, schedulerOverrides: checkpointOverrides(pack, "generate") };
  const { noise, conditioning, scheduler } = await prepareRun(pack, options, setup);
  const begin = beginIndex(scheduler, options.steps, options.strength);

  // 2. Prepare latents: the picture, then noise on it.
  const { vae } = pack.description;
  const size = { width: picture.width / vae.latentScale, height: picture.height / vae.latentScale };
  const tiling = tilingInCells(picture.tiling, vae.latentScale);
  const encoded = await encodeTiles(pack, picture, tiling, size, options.signal);
  const latents = scheduler.addNoise(encoded, noise.normal(encoded.length), begin);

  // 3. Denoise.
  const seen = { width: picture.tiling.tileWidth, height: picture.tiling.tileHeight };
  const denoiser = await TiledDenoiser.create(pack, {
    ...options,
    ...size,
    conditioning,
    batch: 1,
    tiling,
    extraChannels: await everythingMasked(pack, seen),
    timeIds: wholePictureTimeIds(seen),
    afterTile: () => options.onTile?.(scheduler.timesteps.length - begin),
  });
  return await denoise(latents, { ...options, denoiser, scheduler, noise, begin });
}

/** The latents of the whole, blended where tiles overlap. The encoder's deviation is left out: it is next to nothing. */
async function encodeTiles(
  pack: ModelPack,
  { readTile }: TiledPicture,
  tiling: Tiling,
  size: PixelSize,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const { vae } = pack.description;
  const { tileWidth: width, tileHeight: height, overlapAcross, overlapDown, columns, rows } = tiling;
  const across = tileWeights(columns, width, overlapAcross);
  const down = tileWeights(rows, height, overlapDown);
  const latents = new Float32Array(vae.latentChannels * size.height * size.width);
  for (const [row, y] of rows.entries())
    for (const [column, x] of columns.entries()) {
      throwIfCancelled(signal);
      const { mean } = await encodePicture(pack, await readTile(x * vae.latentScale, y * vae.latentScale));
      const weights = { across: across[column]!, down: down[row]! };
      addPlanes(latents, size, scaleLatents(mean.slice(), vae), { x, y, width, height }, weights);
    }
  return latents;
}
