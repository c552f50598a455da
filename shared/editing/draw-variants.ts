import type { DenoisingStep } from "../diffusion/pipelines/denoise.ts";
import type { RgbaImage } from "../imaging/rgba-image.ts";
import type { EditRequest } from "../protocol/edit-request.ts";
import type { PixelRect } from "../protocol/geometry.ts";
import type { Plan } from "../protocol/plan.ts";
import { PreviewPace } from "./preview-pace.ts";
import type { EditedLayer, RunEditOptions } from "./run-edit.ts";

export interface VariantsSetup {
  readonly plan: Plan;
  /** Where the layers lie in the source. */
  readonly area: PixelRect;
  /** Steps already reported before the first variant's own. Default 0. */
  readonly stepsBefore?: number;
  /** Draws one variant; `onStep` is to be awaited after each of its steps. */
  readonly draw: (seed: number, onStep: (step: DenoisingStep) => Promise<void>) => Promise<RgbaImage>;
  /** What would be drawn if the run stopped at these latents. */
  readonly preview: (predictedClean: Float32Array) => Promise<RgbaImage>;
}

/** Draws the request's variants one after the other, number k with seed + k, and reports their progress. */
export async function drawVariants(
  { seed: firstSeed, count }: EditRequest,
  { plan, area, stepsBefore = 0, draw, preview }: VariantsSetup,
  options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  const { onProgress, onLayer } = options;
  const pace = new PreviewPace(options);
  const layers: EditedLayer[] = [];
  for (let variant = 0; variant < count; variant += 1) {
    const seed = (firstSeed + variant) >>> 0;
    const before = variant === 0 ? stepsBefore : 0;
    const pixels = await draw(seed, async ({ step, steps, predictedClean }) => {
      if (onProgress === undefined) return;
      const isShown = step < steps && pace.isDue;
      const shown = isShown ? { pixels: await pace.measure(() => preview(predictedClean)), area } : undefined;
      await onProgress({ variant, step: before + step, steps: before + steps, preview: shown });
    });
    const layer = { variant, seed, area, pixels, plan };
    layers.push(layer);
    await onLayer?.(layer);
  }
  return layers;
}
