import type { Model } from "../../../shared/diffusion/models/open-model.ts";
import { planForDevice } from "../../../shared/editing/plan-for-device.ts";
import { drawCanvas } from "../../../shared/editing/run-outpaint.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { planOutpaint } from "../../../shared/planning/plan-outpaint.ts";
import { type OutpaintRequest, outpaintRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";

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
  const options = { model, now: () => performance.now() };
  const plan = planForDevice(planOutpaint(request, image, model.facts), request, options);
  const progress = { next: () => async (): Promise<void> => {} };
  const draw = async (way: typeof plan): Promise<RgbaImage> =>
    await drawCanvas(request, image, way, 0, progress, options);
  // A plain plan's drawing is left as it is.
  return {
    naive: await draw({ ...plan, plain: true, blend: 0 }),
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
