import type { Model } from "../../../shared/diffusion/models/open-model.ts";
import { compositeMask, layerArea } from "../../../shared/editing/composite-mask.ts";
import { cutLayer } from "../../../shared/editing/cut-layer.ts";
import { grainLayer } from "../../../shared/editing/grain-layer.ts";
import { inpaintRegion } from "../../../shared/editing/inpaint-region.ts";
import { PassProgress } from "../../../shared/editing/pass-progress.ts";
import { passSeed } from "../../../shared/editing/pass-seed.ts";
import { planForDevice } from "../../../shared/editing/plan-for-device.ts";
import { PreviewPace } from "../../../shared/editing/preview-pace.ts";
import { layerOver } from "../../../shared/imaging/compose/composite.ts";
import { describeMask } from "../../../shared/imaging/mask/describe-mask.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { planInpaint } from "../../../shared/planning/plan-inpaint.ts";
import { type InpaintRequest, inpaintRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { Scene } from "./scenes.ts";

export interface Pasted {
  /** What the model drew, laid over the source through the painted mask as it is. */
  readonly naive: RgbaImage;
  /** Through the composite mask, the colours as drawn. */
  readonly uncorrected: RgbaImage;
  /** Through the composite mask, the colours corrected: what the edit answers. */
  readonly full: RgbaImage;
  /** How far the composite mask reaches beyond the painted one, in pixels. */
  readonly blend: number;
}

/** Draws a scene's hidden region once and lays it over the source in three ways, so that only the pasting differs. */
export async function pasteThreeWays(
  model: Model,
  { image, mask }: Scene,
  wish: Partial<InpaintRequest>,
): Promise<Pasted> {
  const request = inpaintRequestSchema.parse({ ...wish, task: "inpaint" });
  const shape = describeMask(mask);
  if (shape === undefined) throw new Error("The scene has an empty mask.");
  const options = { model, now: () => performance.now() };
  const plan = planForDevice(planInpaint(request, image, shape, model.facts), request, options);
  const [region] = plan.regions;
  if (region === undefined || plan.regions.length > 1) throw new Error("The scene has several regions.");

  const run = { first: 0, batch: 1, passes: region.passes, isVaeTiled: false };
  const progress = new PassProgress(options, new PreviewPace(options), run);
  const seedOf = (pass: (typeof region.passes)[number]): number =>
    passSeed(request.seed, 0, region.passes.indexOf(pass));
  const [drawn] = await inpaintRegion(
    { request, plan, region, images: [image], mask, drawn: [], seedOf, progress },
    options,
  );
  if (drawn === undefined) throw new Error("One variant was drawn.");

  const { blend } = region.mask;
  const area = layerArea(region.painted, blend, image);
  const soft = compositeMask(mask, region.painted, image, area, blend);
  const hard = compositeMask(mask, region.painted, image, area, 0);
  const pasted = (pixels: typeof drawn.pixels, alpha: Uint8Array): RgbaImage =>
    layerOver(image, cutLayer(pixels, drawn.context, area, alpha), area);
  const grained = cutLayer(drawn.pixels, drawn.context, area, soft);
  grainLayer(grained, area, image);
  return {
    naive: pasted(drawn.raw, hard),
    uncorrected: pasted(drawn.raw, soft),
    full: layerOver(image, grained, area),
    blend,
  };
}
