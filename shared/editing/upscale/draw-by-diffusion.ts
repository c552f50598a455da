import type { ModelPack } from "../../diffusion/model-pack.ts";
import { upscaleLatents } from "../../diffusion/pipelines/upscale.ts";
import { cutPlanes } from "../../diffusion/tensors/tile-planes.ts";
import { decodeLatents } from "../../diffusion/vae/decode-latents.ts";
import { holdBrightness } from "../../imaging/colour/hold-brightness.ts";
import { opaqueWindow } from "../../imaging/fill/opaque-window.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { UpscaleRequest } from "../../protocol/edit-request.ts";
import type { UpscalePlan } from "../../protocol/plans/upscale-plan.ts";
import { passSeed } from "../pass-seed.ts";
import { fromPictureTensor, toPictureTensor } from "../picture-tensor.ts";
import { type DevicePlan, executionOptions } from "../plan-for-device.ts";
import { eachTile } from "./each-tile.ts";
import { type LatentBand, latentBands } from "./latent-bands.ts";
import { TargetPainter } from "./target-painter.ts";
import type { UpscaleRun } from "./upscale-run.ts";

/** How far colours bleed under transparent pixels, in source pixels: what one tile of the model may look at. */
const BLEED = 32;

/** Enlarges by the x4 diffusion pipeline: small tiles denoised together, each decoded, corrected and blended. */
export async function drawByDiffusion(
  pack: ModelPack,
  image: RgbaImage,
  plan: DevicePlan<UpscalePlan>,
  { prompt, negativePrompt }: UpscaleRequest,
  run: UpscaleRun,
): Promise<RgbaImage> {
  const { fed, factor, tiling, plain } = plan;
  const tiles = tiling.columns.length * tiling.rows.length;
  const bands = latentBands(tiling, fed, pack.description.vae.latentChannels);
  const denoiseBand = async ({ top, height, tiling: tilesOfBand }: LatentBand, index: number): Promise<Float32Array> =>
    await upscaleLatents(
      pack,
      {
        prompt,
        negativePrompt: negativePrompt ?? undefined,
        image: toPictureTensor(opaqueWindow(image, { x: 0, y: top, width: fed.width, height }, BLEED)),
        scheduler: plan.scheduler,
        steps: plan.steps,
        guidanceScale: plan.guidanceScale,
        ...executionOptions(plan.execution),
        noiseLevel: plan.noiseLevel,
        seed: passSeed(run.seed, 0, index),
        longPrompts: plain ? "truncate" : "chunks",
        tiling: plain ? undefined : tilesOfBand,
        signal: run.signal,
        // A large picture may have a single step of a hundred tiles.
        ...(plain ? { onStep: run.onStep } : { onTile: (steps) => run.onStep({ steps: steps * tiles }) }),
      },
      1,
    );

  const painter = new TargetPainter(image, plan);
  let band = bands[0]!;
  let clean: Float32Array = new Float32Array();
  await eachTile(
    plan,
    run,
    painter,
    async (tile) => {
      const inBand = { ...tile, y: tile.y - band.top };
      const latents = cutPlanes(clean, { width: fed.width, height: band.height }, inBand);
      const size = { width: tile.width * factor, height: tile.height * factor };
      const drawn = fromPictureTensor(await decodeLatents(pack, latents, size));
      return plain ? drawn : holdBrightness(drawn, opaqueWindow(image, tile, BLEED), 1);
    },
    async (top) => {
      const index = bands.findIndex((other) => other.top === top);
      if (index < 0) return;
      band = bands[index]!;
      clean = new Float32Array(); // the last band's latents go before this one's are made
      clean = await denoiseBand(band, index);
    },
  );
  return painter.pixels;
}
