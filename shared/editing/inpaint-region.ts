import { requireDiffusion } from "../diffusion/models/model-family.ts";
import { eachOnce } from "../diffusion/tensors/each-once.ts";
import type { FloatImage } from "../imaging/float-image.ts";
import { resample } from "../imaging/resample/resample.ts";
import type { GrayImage, RgbaImage } from "../imaging/rgba-image.ts";
import type { InpaintRequest } from "../protocol/edit-request.ts";
import type { PixelRect } from "../protocol/geometry.ts";
import type { InpaintPass, InpaintPlan, InpaintRegion } from "../protocol/plans/inpaint-plan.ts";
import { type CorrectColour, correctColour } from "./correct-colour.ts";
import { denoiseMask } from "./denoise-mask.ts";
import { drawPass } from "./draw-pass.ts";
import { paintedContext } from "./painted-context.ts";
import type { PassProgress } from "./pass-progress.ts";
import type { DevicePlan } from "./plan-for-device.ts";
import { prefillContext } from "./prefill-context.ts";
import { prepareContext } from "./prepare-context.ts";
import type { RunEditOptions } from "./run-edit.ts";

/** Of what is removed, a shadow or a soft border may have stayed outside the mask: within this share of the blend. */
const RIM_SHARE = 0.5;

export interface DrawRegion {
  readonly request: InpaintRequest;
  readonly plan: DevicePlan<InpaintPlan>;
  readonly region: InpaintRegion;
  /** The source as it is now for each variant of a batch: with the regions before this one drawn. */
  readonly images: readonly RgbaImage[];
  readonly mask: GrayImage;
  /** Painted areas of the regions before this one. */
  readonly drawn: readonly PixelRect[];
  /** The first variant's seed for a pass. */
  readonly seedOf: (pass: InpaintPass) => number;
  readonly progress: PassProgress;
}

/** One region as the model drew it, its colours corrected: the last pass's context, at its working size. */
export interface DrawnRegion {
  readonly pixels: FloatImage;
  readonly context: PixelRect;
  /** As the model drew it, before the correction; for measuring what that does. */
  readonly raw: FloatImage;
}

/**
 * Draws the holes of one region for each variant of a batch: composes them, then refines what was composed where the plan
 * says so.
 */
export async function inpaintRegion(
  { request, plan, region, images, mask, drawn, seedOf, progress }: DrawRegion,
  { model, signal }: RunEditOptions,
): Promise<readonly DrawnRegion[]> {
  const { cell, seesMask } = model.facts;
  let results: readonly DrawnRegion[] | undefined;
  for (const pass of region.passes) {
    const { context, working, steps, strength } = pass;
    const seen = eachOnce(images, (image) => prepareContext(image, pass));
    const edge = seesMask ? "hard" : "soft";
    const painted = plan.plain ? undefined : paintedContext(mask, { context, working, drawn });
    const repaint =
      painted === undefined ? literalMask(mask) : denoiseMask(painted, { context, reach: region.mask, cell, edge });
    const composed = results;
    const starts = composed
      ? seen.map((each, variant) => withComposed(each, repaint, pass, composed[variant]!)) // one for each variant
      : eachOnce(seen, (each) => prefillContext(each, repaint, plan.prefill, cell));
    const raw = await drawPass(requireDiffusion(model), {
      request,
      starts,
      repaint,
      steps,
      strength,
      guidanceScale: plan.guidanceScale,
      execution: plan.execution,
      seed: seedOf(pass),
      signal,
      onStep: progress.next(pass, repaint),
    });
    const corrected = (one: FloatImage, variant: number): FloatImage =>
      painted === undefined
        ? one
        : correctColour(one, seen[variant]!, correctionOf(plan, region, pass, repaint, painted, cell)); // one for each variant
    results = raw.map((one, variant) => ({ pixels: corrected(one, variant), context, raw: one }));
  }
  if (results === undefined) throw new Error("A region has at least one pass.");
  return results;
}

/** How a pass's drawing is to meet what surrounds it. */
function correctionOf(
  { intent }: InpaintPlan,
  { mask }: InpaintRegion,
  { context, working }: InpaintPass,
  repaint: Float32Array,
  painted: GrayImage,
  cell: number,
): CorrectColour {
  const rim = (intent === "remove" ? RIM_SHARE : 0) * mask.blend * (working.width / context.width);
  const wanted = intent === "remove" || intent === "fill" ? "surroundings" : "something-new";
  return { repaint, painted: painted.data, cell, wanted, rim };
}

/** What the first pass composed, brought to the refining pass's place and size, where that one repaints. */
function withComposed(seen: FloatImage, repaint: Float32Array, pass: InpaintPass, composed: DrawnRegion): FloatImage {
  const { pixels, context } = composed;
  const scaleX = pixels.width / context.width;
  const scaleY = pixels.height / context.height;
  const from = {
    x: (pass.context.x - context.x) * scaleX,
    y: (pass.context.y - context.y) * scaleY,
    width: pass.context.width * scaleX,
    height: pass.context.height * scaleY,
  };
  const larger = resample(pixels, from, seen.width, seen.height);
  const data = new Float32Array(seen.data);
  for (let i = 0; i < data.length; i += 1) if (repaint[Math.floor(i / 3)]) data[i] = larger.data[i]!;
  return { ...seen, data };
}

/** Black and white at one half, as diffusers' mask processor does. */
function literalMask(mask: GrayImage): Float32Array {
  const repaint = new Float32Array(mask.data.length);
  for (let i = 0; i < repaint.length; i += 1) repaint[i] = mask.data[i]! / 255 >= 0.5 ? 1 : 0;
  return repaint;
}
