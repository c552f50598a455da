import type { DenoisingStep } from "../diffusion/pipelines/denoise.ts";
import type { RgbaImage } from "../imaging/rgba-image.ts";
import type { EditRequest } from "../protocol/edit-request.ts";
import type { PixelRect } from "../protocol/geometry.ts";
import type { Plan } from "../protocol/plan.ts";
import { batchShare } from "./batch-share.ts";
import type { DevicePlan } from "./plan-for-device.ts";
import { PreviewPace } from "./preview-pace.ts";
import type { EditedLayer, RunEditOptions } from "./run-edit.ts";

export type OnStep = (step: DenoisingStep) => Promise<void>;

export interface VariantsSetup {
  readonly plan: DevicePlan<Plan>;
  /** Where the layers lie in the source. */
  readonly area: PixelRect;
  /** Steps already reported before the first variant's own. Default 0. */
  readonly stepsBefore?: number;
  /** Draws `batch` variants together, number k with seed + k; `onStep` is to be awaited after each of their steps. */
  readonly draw: (seed: number, batch: number, onStep: OnStep) => Promise<readonly RgbaImage[]>;
  /** What would be drawn if the run stopped at these latents. */
  readonly preview: (predictedClean: Float32Array) => Promise<RgbaImage>;
}

/**
 * Draws the request's variants, number k with seed + k, as many together as the plan says, and reports their progress.
 */
export async function drawVariants(
  { seed: firstSeed, count }: EditRequest,
  { plan, area, stepsBefore = 0, draw, preview }: VariantsSetup,
  options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  const { onProgress, onLayer } = options;
  const pace = new PreviewPace(options);
  const layers: EditedLayer[] = [];
  for (let first = 0; first < count; first += plan.execution.batch) {
    const batch = Math.min(plan.execution.batch, count - first);
    const before = first === 0 ? stepsBefore : 0;
    const drawn = await draw((firstSeed + first) >>> 0, batch, async ({ step, steps, predictedClean }) => {
      if (onProgress === undefined) return;
      const { index, step: own } = batchShare(step, steps, batch);
      const length = predictedClean.length / batch;
      const clean = predictedClean.subarray(index * length, (index + 1) * length);
      const isShown = step < steps && pace.isDue;
      const shown = isShown ? { pixels: await pace.measure(() => preview(clean)), area } : undefined;
      await onProgress({ variant: first + index, step: before + own, steps: before + steps, preview: shown });
    });
    for (const [index, pixels] of drawn.entries()) {
      const variant = first + index;
      const layer = { variant, seed: (firstSeed + variant) >>> 0, area, pixels, plan };
      layers.push(layer);
      await onLayer?.(layer);
    }
  }
  return layers;
}
