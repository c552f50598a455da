import { paintOver } from "../imaging/compose/composite.ts";
import type { GrayImage, RgbaImage } from "../imaging/rgba-image.ts";
import { planInpaint } from "../planning/plan-inpaint.ts";
import { uniteRects } from "../planning/unite-rects.ts";
import type { InpaintRequest } from "../protocol/edit-request.ts";
import type { PixelRect } from "../protocol/geometry.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { InpaintPlan, InpaintRegion } from "../protocol/plans/inpaint-plan.ts";
import { compositeMask, layerArea } from "./composite-mask.ts";
import { cutLayer } from "./cut-layer.ts";
import { describePainted } from "./describe-painted.ts";
import { grainLayer } from "./grain-layer.ts";
import { type DrawnRegion, inpaintRegion } from "./inpaint-region.ts";
import { PassProgress } from "./pass-progress.ts";
import { passSeed } from "./pass-seed.ts";
import { planForDevice } from "./plan-for-device.ts";
import { PreviewPace } from "./preview-pace.ts";
import { requireImage } from "./require-image.ts";
import type { EditedLayer, EditInputs, RunEditOptions } from "./run-edit.ts";

/**
 * Inpainting from pixels to layers: crop, prefill, diffuse, correct the colour, composite, region by region, once for each
 * variant. One layer covers all regions and is transparent between them.
 */
export async function runInpaint(
  request: InpaintRequest,
  inputs: EditInputs,
  options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  const image = requireImage(inputs);
  const mask = requireMask(inputs, image);
  const shape = describePainted(mask);
  const plan = planForDevice(planInpaint(request, image, shape, options.pack.facts), request, options);
  const areas = plan.regions.map(({ painted, mask: { blend } }) => layerArea(painted, blend, image));
  const area = areas.reduce(uniteRects);
  const pace = new PreviewPace(options);
  const passes = plan.regions.flatMap((region) => region.passes);

  const { batch: most, isVaeTiled } = plan.execution;
  /** How opaque each region's layer is, the same for every variant. */
  const alphas: Uint8Array[] = [];
  const layers: EditedLayer[] = [];
  for (let first = 0; first < request.count; first += most) {
    const batch = Math.min(most, request.count - first);
    const progress = new PassProgress(options, pace, { first, batch, passes, isVaeTiled });
    const currents = new Array<RgbaImage>(batch).fill(image);
    const pixels = new Array<RgbaImage | undefined>(batch).fill(undefined);
    for (const [index, region] of plan.regions.entries()) {
      const place = areas[index]!; // one for each region
      const drawn = await inpaintRegion(
        {
          request,
          plan,
          region,
          images: currents,
          mask,
          drawn: plan.regions.slice(0, index).map(({ painted }) => painted),
          seedOf: (pass) => passSeed(request.seed, first, passes.indexOf(pass)),
          progress,
        },
        options,
      );
      const isSeen = isSeenLater(place, plan.regions.slice(index + 1));
      alphas[index] ??= regionAlpha(plan, region, place, image, mask);
      for (const [k, one] of drawn.entries()) {
        const layer = regionLayer(one, plan, place, alphas[index], image);
        pixels[k] = withRegion(pixels[k], layer, place, area);
        if (isSeen) currents[k] = withLayer(currents[k]!, image, layer, place); // one for each variant
      }
    }
    for (const [k, drawn] of pixels.entries()) {
      if (drawn === undefined) throw new Error("A plan has at least one region.");
      const variant = first + k;
      const layer = { variant, seed: passSeed(request.seed, variant, 0), area, pixels: drawn, plan };
      layers.push(layer);
      await options.onLayer?.(layer);
    }
  }
  return layers;
}

/** What a variant shows with one more layer; the source itself is not painted on. */
function withLayer(current: RgbaImage, source: RgbaImage, layer: RgbaImage, place: PixelRect): RgbaImage {
  const painted = current === source ? { ...source, data: new Uint8Array(source.data) } : current;
  paintOver(painted, layer, place);
  return painted;
}

function regionAlpha(
  { plain }: InpaintPlan,
  { painted, mask: { blend } }: InpaintRegion,
  area: PixelRect,
  image: RgbaImage,
  mask: GrayImage,
): Uint8Array {
  if (plain) return new Uint8Array(area.width * area.height).fill(255);
  return compositeMask(mask, painted, image, area, blend);
}

/** What was drawn of a region, brought back to source pixels, with its opacity and the grain of what is around. */
function regionLayer(
  { pixels, context }: DrawnRegion,
  { plain }: InpaintPlan,
  area: PixelRect,
  alpha: Uint8Array,
  image: RgbaImage,
): RgbaImage {
  const layer = cutLayer(pixels, context, area, alpha);
  if (!plain) grainLayer(layer, area, image);
  return layer;
}

/** The layer of all regions with one more painted in; a first one that covers all of `area` is the layer itself. */
function withRegion(whole: RgbaImage | undefined, layer: RgbaImage, place: PixelRect, area: PixelRect): RgbaImage {
  const { width, height } = area;
  if (whole === undefined && layer.width === width && layer.height === height) return layer;
  const pixels = whole ?? { width, height, data: new Uint8ClampedArray(width * height * 4) };
  paintOver(pixels, layer, { x: place.x - area.x, y: place.y - area.y });
  return pixels;
}

function isSeenLater(area: PixelRect, regions: readonly InpaintRegion[]): boolean {
  return regions.some(({ passes }) =>
    passes.some(
      ({ context }) =>
        context.x < area.x + area.width &&
        area.x < context.x + context.width &&
        context.y < area.y + area.height &&
        area.y < context.y + context.height,
    ),
  );
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
