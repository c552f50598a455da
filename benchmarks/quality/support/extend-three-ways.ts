import type { Model } from "../../../shared/diffusion/models/model-family.ts";
import { OutpaintEdit } from "../../../shared/editing/edits/outpaint-edit.ts";
import { runPasses } from "../../../shared/editing/passes/run-passes.ts";
import { planInputs } from "../../../shared/editing/run-edit.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { type OutpaintRequest, outpaintRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { OutpaintPlan } from "../../../shared/protocol/plans/plan.ts";
import { onCanvas } from "./on-canvas.ts";

export interface Extended {
  /** What the model drew, put beside what is kept as it is. */
  readonly naive: RgbaImage;
  /** The border's colours led over to the drawn ones, which stay as drawn. */
  readonly uncorrected: RgbaImage;
  /** The colours corrected: what the edit answers. */
  readonly full: RgbaImage;
}

/** Cuts a picture down to `kept`, extends it to its size again, and does so in three ways. */
export async function extendThreeWays(
  model: Model,
  truth: RgbaImage,
  kept: PixelRect,
  wish: Partial<OutpaintRequest>,
): Promise<Extended> {
  const image = cut(truth, kept);
  const request = outpaintRequestSchema.parse({
    ...wish,
    task: "outpaint",
    left: kept.x,
    top: kept.y,
    right: truth.width - kept.x - kept.width,
    bottom: truth.height - kept.y - kept.height,
  });
  const { plan } = planInputs(request, { image }, model.facts);
  if (plan.task !== "outpaint") throw new Error("The plan is for another task.");
  const draw = async (way: OutpaintPlan): Promise<RgbaImage> => {
    const edit = new OutpaintEdit(way, image, model.facts.cell);
    const [layer] = await runPasses(way, edit, { model, now: () => performance.now(), previews: false });
    if (layer === undefined) throw new Error("One variant was drawn.");
    return onCanvas(image, layer.pixels, layer.area);
  };
  const unblended = plan.passes.map((pass) => ({ ...pass, blend: 0 }));
  // A plain plan's drawing is left as it is.
  return {
    naive: await draw({ ...plan, plain: true, passes: unblended }),
    uncorrected: await draw({ ...plan, plain: true }),
    full: await draw(plan),
  };
}

function cut(image: RgbaImage, { x, y, width, height }: PixelRect): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row += 1) {
    const start = ((y + row) * image.width + x) * 4;
    data.set(image.data.subarray(start, start + width * 4), row * width * 4);
  }
  return { width, height, data };
}
