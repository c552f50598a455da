import { continueAlpha } from "../../imaging/fill/continue-alpha.ts";
import { pushPullFill } from "../../imaging/fill/push-pull-fill.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import { resample } from "../../imaging/resample/resample.ts";
import type { GrayImage, RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelRect } from "../../protocol/geometry.ts";
import type { InpaintPlan } from "../../protocol/plans/plan.ts";
import { paintedContext } from "../context/painted-context.ts";
import { prepareContext } from "../context/prepare-context.ts";

/** What is drawn differs from the ground by noise up to this many levels ... */
const SAME_AS_GROUND = 12;
/** ... and is a thing of its own from here up. */
const UNLIKE_GROUND = 48;
/** How far beyond a layer its ground begins, in pixels. */
const BESIDE = 2;

export interface LayerOpacity {
  /** The layer's, 0..255, one a pixel of its area. */
  readonly alpha: Uint8Array;
  /**
   * How much of the source is to be taken away under the layer, 0 nothing to 255 all of it. Absent where nothing is: a
   * layer alone can add, but not take away.
   */
  readonly erase?: Uint8Array;
}

export interface DrawnOnGround {
  readonly image: RgbaImage;
  readonly mask: GrayImage;
  /** The layer's place, in pixels of the source. */
  readonly area: PixelRect;
  readonly intent: InpaintPlan["intent"];
  /** What the model drew of a context of the source, at its working size. */
  readonly drawn: { readonly pixels: FloatImage; readonly context: PixelRect };
}

/**
 * How a drawing shows where the source is transparent. What is removed or filled takes on the opacity of what is around:
 * nothing, where nothing is. What is added or replaced there shows as far as it differs from the ground that the model was
 * shown or drew around it; it cannot be told from the ground where both have the same colour. A new background is opaque.
 *
 * @param coverage how much of each pixel of the area the drawing is to take, 0..255
 * @returns `coverage` itself where the source is opaque
 */
export function opacityOnGround(drawing: DrawnOnGround, coverage: Uint8Array): LayerOpacity {
  const { image, mask, area, intent } = drawing;
  if (intent === "background" || isOpaqueAround(image, area)) return { alpha: coverage };
  const wanted = intent === "remove" || intent === "fill" ? continueAlpha(image, mask, area) : withObject(drawing);
  return towards(wanted, coverage, image, area);
}

/** Moves the source's opacity towards the wanted one by `coverage`. */
function towards(wanted: Uint8Array, coverage: Uint8Array, image: RgbaImage, area: PixelRect): LayerOpacity {
  const alpha = new Uint8Array(coverage.length);
  const erase = new Uint8Array(coverage.length);
  for (let pixel = 0; pixel < coverage.length; pixel += 1) {
    const covered = coverage[pixel]! / 255;
    if (covered === 0) continue;
    const opacity = (covered * wanted[pixel]!) / 255;
    alpha[pixel] = Math.round(opacity * 255);
    const [x, y] = [area.x + (pixel % area.width), area.y + Math.floor(pixel / area.width)];
    const own = image.data[(y * image.width + x) * 4 + 3]!;
    // "Source over" keeps 1 - opacity of what is below, and 1 - covered of it is to stay.
    if (own > 0 && wanted[pixel]! < 255) erase[pixel] = Math.round(255 * (1 - (1 - covered) / (1 - opacity)));
  }
  return erase.some((value) => value > 0) ? { alpha, erase } : { alpha };
}

/** The source's opacity, and that of what was drawn where it is more. */
function withObject({ image, mask, area, drawn }: DrawnOnGround): Uint8Array {
  const { pixels, context } = drawn;
  const working = { width: pixels.width, height: pixels.height };
  const seen = prepareContext(image, { context, working });
  const inHole = paintedContext(mask, { context, working, drawn: [] });
  const object = unlikeGround(pixels, seen, inHole);
  const scaleX = working.width / context.width;
  const scaleY = working.height / context.height;
  const from = {
    x: (area.x - context.x) * scaleX,
    y: (area.y - context.y) * scaleY,
    width: area.width * scaleX,
    height: area.height * scaleY,
  };
  const shown = resample(object, from, area.width, area.height);
  return Uint8Array.from(shown.data, (value, pixel) => {
    const [x, y] = [area.x + (pixel % area.width), area.y + Math.floor(pixel / area.width)];
    return Math.max(image.data[(y * image.width + x) * 4 + 3]!, Math.min(255, Math.max(0, Math.round(value))));
  });
}

/** How much of a drawing is something else than the ground it is drawn on, 0..255, one channel. */
function unlikeGround(drawn: FloatImage, seen: FloatImage, hole: GrayImage): FloatImage {
  const { width, height } = drawn;
  const around = Float32Array.from(hole.data, (value) => (value === 0 ? 1 : 0));
  const isAnythingAround = around.includes(1);
  // Models draw even a plain ground a little differently than they are shown it.
  const redrawn = isAnythingAround ? pushPullFill(drawn, around) : seen;
  const data = new Float32Array(width * height);
  for (let pixel = 0; pixel < data.length; pixel += 1) {
    const away = Math.min(difference(drawn, seen, pixel), difference(drawn, redrawn, pixel));
    const t = Math.min(1, Math.max(0, (away - SAME_AS_GROUND) / (UNLIKE_GROUND - SAME_AS_GROUND)));
    data[pixel] = 255 * t * t * (3 - 2 * t);
  }
  return { width, height, channels: 1, data };
}

/** The largest difference of a channel, in levels. */
function difference(a: FloatImage, b: FloatImage, pixel: number): number {
  let most = 0;
  for (let i = pixel * 3; i < pixel * 3 + 3; i += 1) most = Math.max(most, Math.abs(a.data[i]! - b.data[i]!));
  return most;
}

function isOpaqueAround(image: RgbaImage, area: PixelRect): boolean {
  const right = Math.min(image.width, area.x + area.width + BESIDE);
  const bottom = Math.min(image.height, area.y + area.height + BESIDE);
  for (let y = Math.max(0, area.y - BESIDE); y < bottom; y += 1)
    for (let x = Math.max(0, area.x - BESIDE); x < right; x += 1)
      if (image.data[(y * image.width + x) * 4 + 3] !== 255) return false;
  return true;
}
