import type { RgbaImage } from "../imaging/rgba-image.ts";
import { planUpscale } from "../planning/plan-upscale.ts";
import type { UpscaleRequest } from "../protocol/edit-request.ts";
import { planForDevice, tileSideFor } from "./plan-for-device.ts";
import { requireImage } from "./require-image.ts";
import type { EditedLayer, EditInputs, RunEditOptions } from "./run-edit.ts";
import { drawEnlarged } from "./upscale/draw-enlarged.ts";
import type { UpscaleRun } from "./upscale/upscale-run.ts";

/**
 * Enlarges the whole picture to exactly the wanted size, once for each variant. The layer covers the source, with more
 * pixels; its opacity is the source's, resampled. Beside the result's own bytes
 * a network needs the memory of a row of tiles, the x4 pipeline that of a band of latents, refinement that of all latents.
 */
export async function runUpscale(
  request: UpscaleRequest,
  inputs: EditInputs,
  options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  const { model, signal, onProgress, onLayer } = options;
  const image = requireImage(inputs);
  const plan = planForDevice(planUpscale(request, image, model.facts, tileSideFor(options)), request, options);
  const area = { x: 0, y: 0, width: image.width, height: image.height };
  const tiles = plan.tiling.columns.length * plan.tiling.rows.length;

  const layers: EditedLayer[] = [];
  let drawn: RgbaImage | undefined;
  for (let variant = 0; variant < request.count; variant += 1) {
    const seed = (request.seed + variant) >>> 0;
    let step = 0;
    let denoisingSteps = 0;
    const onStep: UpscaleRun["onStep"] = async (denoising) => {
      step += 1;
      denoisingSteps = denoising?.steps ?? denoisingSteps;
      await onProgress?.({ variant, step, steps: denoisingSteps + tiles });
    };
    // A network knows no chance: its variants are one picture.
    if (drawn === undefined || plan.method !== "network")
      drawn = await drawEnlarged(model, image, plan, request, { seed, signal, onStep });
    const layer = { variant, seed, area, pixels: drawn, plan };
    layers.push(layer);
    await onLayer?.(layer);
  }
  return layers;
}
