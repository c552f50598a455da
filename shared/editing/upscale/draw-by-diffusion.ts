import type { ModelPack } from "../../diffusion/model-pack.ts";
import { upscaleLatents } from "../../diffusion/pipelines/upscale.ts";
import { cutPlanes } from "../../diffusion/tensors/tile-planes.ts";
import { decodeLatents } from "../../diffusion/vae/decode-latents.ts";
import { holdBrightness } from "../../imaging/hold-brightness.ts";
import { opaqueWindow } from "../../imaging/opaque-window.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { UpscaleRequest } from "../../protocol/edit-request.ts";
import type { UpscalePlan } from "../../protocol/plans/upscale-plan.ts";
import { fromPictureTensor, toPictureTensor } from "../picture-tensor.ts";
import { type DevicePlan, executionOptions } from "../plan-for-device.ts";
import { eachTile } from "./each-tile.ts";
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
  const clean = await upscaleLatents(
    pack,
    {
      prompt,
      negativePrompt,
      image: toPictureTensor(opaqueWindow(image, { x: 0, y: 0, ...fed }, BLEED)),
      scheduler: plan.scheduler,
      steps: plan.steps,
      guidanceScale: plan.guidanceScale,
      ...executionOptions(plan.execution),
      noiseLevel: plan.noiseLevel,
      seed: run.seed,
      longPrompts: plain ? "truncate" : "chunks",
      tiling: plain ? undefined : tiling,
      signal: run.signal,
      onStep: run.onStep,
    },
    1,
  );
  const painter = new TargetPainter(image, plan);
  await eachTile(plan, run, painter, async (tile) => {
    const size = { width: tile.width * factor, height: tile.height * factor };
    const drawn = fromPictureTensor(await decodeLatents(pack, cutPlanes(clean, fed, tile), size));
    return plain ? drawn : holdBrightness(drawn, opaqueWindow(image, tile, BLEED), 1);
  });
  return painter.pixels;
}
