import type { GrayImage, RgbaImage } from "../imaging/rgba-image.ts";
import { type EditRequest, editRequestSchema } from "../protocol/edit-request.ts";
import type { ModelFacts } from "../protocol/models/model-facts.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";

/** Unlike one another in subject, light and manner. */
const prompts = [
  "a photograph of a mountain lake at dawn",
  "an oil painting of an old fisherman, portrait",
  "a red bicycle against a white wall",
];

export interface SampleEdit {
  readonly request: EditRequest;
  readonly inputs: { readonly image?: RgbaImage; readonly mask?: GrayImage };
}

/**
 * A fixed set of edits that a model can do, at its own size: what its precisions are compared by, and what its activations are
 * measured on. Pictures from prompts; of models that only fill, fillings of a drawn picture's middle; else enlargements of it.
 *
 * Throws OverpaintError `unsupported-model` for a model that does none of these.
 */
export function sampleEdits(
  { tasks, nativeSize }: Pick<ModelFacts, "tasks" | "nativeSize">,
  steps: number,
): readonly SampleEdit[] {
  const square = { width: nativeSize, height: nativeSize };
  return prompts.map((prompt, seed) => {
    const common = { prompt, seed, steps, plain: true };
    if (tasks.includes("create"))
      return { request: editRequestSchema.parse({ ...common, task: "create", ...square }), inputs: {} };
    if (tasks.includes("inpaint")) {
      const inputs = { image: drawnPicture(nativeSize), mask: middle(nativeSize) };
      return { request: editRequestSchema.parse({ ...common, task: "inpaint" }), inputs };
    }
    if (tasks.includes("upscale")) {
      const inputs = { image: drawnPicture(Math.max(16, nativeSize / 4)) };
      const size = { width: 4 * inputs.image.width, height: 4 * inputs.image.height };
      return { request: editRequestSchema.parse({ ...common, task: "upscale", ...size }), inputs };
    }
    throw new OverpaintError(
      "unsupported-model",
      "The model draws nothing that its precisions could be compared by.",
      "Choose a model that creates, fills or enlarges pictures.",
    );
  });
}

/** A sky that gets lighter towards a hilly ground. */
function drawnPicture(side: number): RgbaImage {
  const data = new Uint8Array(4 * side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const ground = (0.6 + 0.1 * Math.sin((9 * x) / side)) * side;
      const colour = y < ground ? [90 + (80 * y) / side, 140 + (80 * y) / side, 220] : [70, 110 - (50 * y) / side, 50];
      data.set([...colour, 255], 4 * (y * side + x));
    }
  return { width: side, height: side, data };
}

/** The inner half of each side. */
function middle(side: number): GrayImage {
  const isInside = (at: number) => at >= side / 4 && at < (3 * side) / 4;
  const data = Uint8Array.from({ length: side * side }, (_, i) =>
    isInside(i % side) && isInside(Math.floor(i / side)) ? 255 : 0,
  );
  return { width: side, height: side, data };
}
