import { hasVisiblePixel } from "../imaging/fill/has-visible-pixel.ts";
import type { GrayImage, RgbaImage } from "../imaging/rgba-image.ts";
import type { DeviceMemory } from "../planning/plans/memory-ladder.ts";
import { type EditSizes, planEdit } from "../planning/plans/plan-edit.ts";
import { noteSmallerSize } from "../planning/words/note-smaller-size.ts";
import type { EditRequest } from "../protocol/edit-request.ts";
import type { InputNote } from "../protocol/input-note.ts";
import type { ModelFacts } from "../protocol/models/model-facts.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { Plan } from "../protocol/plans/plan.ts";
import { ControlPictures } from "./context/control-pictures.ts";
import { describePainted } from "./context/describe-painted.ts";
import { CreateEdit } from "./edits/create-edit.ts";
import { CutoutEdit } from "./edits/cutout-edit.ts";
import { InpaintEdit } from "./edits/inpaint-edit.ts";
import { InstructionEdit } from "./edits/instruction-edit.ts";
import { OutpaintEdit } from "./edits/outpaint-edit.ts";
import { requireVisibleBorders } from "./edits/require-visible-borders.ts";
import { RestyleEdit } from "./edits/restyle-edit.ts";
import { UpscaleEdit } from "./edits/upscale-edit.ts";
import { type EditedLayer, type RunPassesOptions, runPasses } from "./passes/run-passes.ts";
import { requireFittingPlan } from "./require-fitting-plan.ts";

export interface EditInputs {
  /** The source, upright, sRGB. Absent only for pictures from nothing. */
  readonly image?: RgbaImage | undefined;
  /** Same size as the image; white is repainted. */
  readonly mask?: GrayImage | undefined;
  /**
   * Pictures to draw after: with an IP-Adapter as prompts; for restyling without one, as style; in an instruction, in the order in
   * which it speaks of them. Default: none.
   */
  readonly references?: readonly RgbaImage[] | undefined;
  /** One for each control of the request; where there is none, the image, or for an outline the mask. */
  readonly controls?: readonly (RgbaImage | undefined)[] | undefined;
}

export interface RunEditOptions extends RunPassesOptions {
  /** What the device has room for. Default: for anything, one variant after the other. */
  readonly memory?: DeviceMemory | undefined;
}

/**
 * Runs an edit from pixels to layers: request → plan → passes → layers. The same code for both engines.
 * Throws OverpaintError: `mask-size-mismatch`, `empty-mask`, `invalid-request`, `unsupported-model`, `damaged-model`,
 * `invalid-output`, `out-of-memory`, `cancelled`.
 */
export async function runEdit(
  request: EditRequest,
  inputs: EditInputs,
  { memory, ...options }: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  return await runPlanned(planInputs(request, inputs, options.model.facts, memory), inputs, options);
}

/** What is to be drawn, and what is to be said of that with every layer. */
export interface PlannedEdit {
  readonly plan: Plan;
  readonly notes: readonly InputNote[];
}

/**
 * The plan for a request and its pictures, and a note where memory makes it a smaller one. Throws OverpaintError for inputs that no
 * edit can be made of.
 *
 * @param memory default: for anything, one variant after the other
 */
export function planInputs(
  request: EditRequest,
  inputs: EditInputs,
  facts: ModelFacts,
  memory?: DeviceMemory,
): PlannedEdit {
  const sizes = sizesOf(request, inputs);
  const plan = planEdit(request, sizes, facts, memory);
  return { plan, notes: memory ? noteSmallerSize(plan, planEdit(request, sizes, facts)) : [] };
}

/** Runs a plan, and says with every layer what is to be said of it. */
export async function runPlanned(
  { plan, notes }: PlannedEdit,
  inputs: EditInputs,
  options: RunPassesOptions,
): Promise<readonly EditedLayer[]> {
  const { onLayer } = options;
  const told = (layer: EditedLayer): EditedLayer =>
    notes.length === 0 ? layer : { ...layer, notes: [...notes, ...(layer.notes ?? [])] };
  const layers = await runPlan(plan, inputs, {
    ...options,
    ...(onLayer && { onLayer: (layer) => onLayer(told(layer)) }),
  });
  return layers.map(told);
}

function sizesOf(request: EditRequest, inputs: EditInputs): EditSizes {
  const { image, references = [] } = inputs;
  for (const picture of references) rejectInvisible(picture);
  const isMasked = request.task === "inpaint" || (request.task === "edit" && inputs.mask !== undefined);
  const mask = isMasked ? describePainted(requireMask(inputs, requireImage(inputs))) : undefined;
  return request.task === "inpaint" ? { image, mask } : { image, mask, references };
}

/** Runs a plan as it is: one just made, or a recipe's. */
export async function runPlan(
  plan: Plan,
  inputs: EditInputs,
  surroundings: RunPassesOptions,
): Promise<readonly EditedLayer[]> {
  requireFittingPlan(plan, inputs.image);
  const { cell } = surroundings.model.facts;
  const { references = [] } = inputs;
  const options = {
    ...surroundings,
    controls: new ControlPictures(plan.controls, inputs),
    references,
  };
  switch (plan.task) {
    case "inpaint": {
      const image = requireImage(inputs);
      return await runPasses(plan, new InpaintEdit(plan, image, requireMask(inputs, image), cell), options);
    }
    case "outpaint": {
      const image = requireImage(inputs);
      if (!plan.plain) requireVisibleBorders(image, plan.canvas);
      return await runPasses(plan, new OutpaintEdit(plan, image, cell), options);
    }
    case "restyle":
      return await runPasses(plan, new RestyleEdit(plan, requireImage(inputs), references), options);
    case "upscale":
      return await runPasses(plan, new UpscaleEdit(plan, requireImage(inputs)), options);
    case "create":
      return await runPasses(plan, new CreateEdit(plan), options);
    case "cutout":
      return await runPasses(plan, new CutoutEdit(requireImage(inputs)), options);
    case "edit": {
      const image = requireImage(inputs);
      const mask = plan.mask === undefined ? undefined : requireMask(inputs, image);
      return await runPasses(plan, new InstructionEdit(plan, image, { mask, references, cell }), options);
    }
  }
}

function requireImage({ image }: EditInputs): RgbaImage {
  if (image !== undefined) return image;
  throw new OverpaintError("invalid-request", "The edit needs an image.", "Send the image with the request.");
}

function requireMask({ mask }: EditInputs, image: RgbaImage): GrayImage {
  if (mask !== undefined && mask.width === image.width && mask.height === image.height) return mask;
  throw new OverpaintError(
    "mask-size-mismatch",
    mask === undefined
      ? "Inpainting needs a mask."
      : `The mask is ${mask.width}×${mask.height}, the image ${image.width}×${image.height}.`,
    "Give a mask of exactly the image's size.",
  );
}

function rejectInvisible(reference: RgbaImage): void {
  if (hasVisiblePixel(reference, { x: 0, y: 0, ...reference })) return;
  throw new OverpaintError(
    "invalid-request",
    "The reference is fully transparent.",
    "Choose a picture in which something shows.",
  );
}
