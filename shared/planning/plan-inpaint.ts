import type { InpaintRequest } from "../protocol/edit-request.ts";
import type { PixelRect, PixelSize } from "../protocol/geometry.ts";
import type { ModelFacts } from "../protocol/model-facts.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { InpaintPlan } from "../protocol/plans/inpaint-plan.ts";
import { fitContext } from "./fit-context.ts";
import { planMasks } from "./plan-masks.ts";
import { workingSize } from "./working-size.ts";

/** The smallest context is this share of the native size: upscaling a context more than twice shows the model only blur. */
const MIN_CONTEXT_SHARE = 0.5;

/**
 * Works out an inpainting run from sizes alone.
 *
 * @param image size of the source, in pixels
 * @param mask bounds of the painted area, inside the image
 * Throws OverpaintError `unsupported-model` when the pack cannot inpaint, `invalid-request` when a plain run is asked for
 * an image whose sides the model cannot take.
 */
export function planInpaint(
  request: InpaintRequest,
  image: PixelSize,
  mask: PixelRect,
  facts: ModelFacts,
): InpaintPlan {
  if (!facts.tasks.includes("inpaint")) {
    throw new OverpaintError(
      "unsupported-model",
      `The model "${request.model}" cannot inpaint; it serves ${facts.tasks.join(", ") || "no task"}.`,
      "Choose an inpainting model.",
    );
  }
  const settings = {
    task: "inpaint",
    scheduler: request.scheduler ?? facts.defaults.scheduler,
    steps: request.steps ?? facts.defaults.steps,
    guidanceScale: request.guidanceScale ?? facts.defaults.guidanceScale,
    strength: request.strength,
    plain: request.plain,
  } as const;

  if (request.plain) {
    rejectOddSize(image, facts);
    const whole = { x: 0, y: 0, width: image.width, height: image.height };
    return { ...settings, context: whole, working: image, mask: { grow: 0, feather: 0, blend: 0 } };
  }
  const aspect = facts.fixedSize && facts.fixedSize.width / facts.fixedSize.height;
  const context = fitContext(image, mask, Math.round(facts.nativeSize * MIN_CONTEXT_SHARE), aspect);
  const working = workingSize(context, facts);
  const cell = (facts.latentScale * context.width) / working.width;
  return { ...settings, context, working, mask: planMasks(mask, cell, request.strength, request) };
}

function rejectOddSize(image: PixelSize, facts: ModelFacts): void {
  const { fixedSize, sizeMultiple } = facts;
  if (fixedSize !== undefined && (fixedSize.width !== image.width || fixedSize.height !== image.height)) {
    throw new OverpaintError(
      "invalid-request",
      `A plain run needs the model's own size, ${fixedSize.width}×${fixedSize.height}; the image is ${image.width}×${image.height}.`,
      "Resize the image, or leave out --plain.",
    );
  }
  if (image.width % sizeMultiple !== 0 || image.height % sizeMultiple !== 0) {
    throw new OverpaintError(
      "invalid-request",
      `A plain run needs sides that are multiples of ${sizeMultiple}; the image is ${image.width}×${image.height}.`,
      "Resize the image, or leave out --plain.",
    );
  }
}
