import { fitContext } from "../../../shared/planning/sizes/fit-context.ts";
import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";

/** Pictures up to this many pixels (4,096²) travel whole: cutting them saves less than it costs to explain. */
const LARGE_PIXELS = 4_096 * 4_096;
/** The largest native side of the models there are; what they look at is at least as large. */
const NATIVE_SIDE = 1_536;
/** More room around the mask, as a share of its side, than any plan takes. */
const ROOM_SHARE = 0.8;
/** A cut larger than this share of the picture is not worth it. */
const WORTHWHILE_SHARE = 0.5;

/**
 * The part of a large picture that an inpainting needs: more than the model will be shown, wherever the mask lies. Undefined
 * where the whole picture is to be sent. Results then lie in the cut's pixels: add its corner to their place.
 *
 * @param painted bounds of the mask, inside the picture
 * @param reach how far masks are grown and feathered, in pixels
 */
export function sourceCrop(image: PixelSize, painted: PixelRect, reach: number): PixelRect | undefined {
  if (image.width * image.height <= LARGE_PIXELS) return undefined;
  const left = Math.max(0, painted.x - reach);
  const top = Math.max(0, painted.y - reach);
  const grown = {
    x: left,
    y: top,
    width: Math.min(image.width, painted.x + painted.width + reach) - left,
    height: Math.min(image.height, painted.y + painted.height + reach) - top,
  };
  const crop = fitContext(image, grown, NATIVE_SIDE, undefined, ROOM_SHARE);
  const x = Math.max(0, crop.x);
  const y = Math.max(0, crop.y);
  const inside = {
    x,
    y,
    width: Math.min(image.width, crop.x + crop.width) - x,
    height: Math.min(image.height, crop.y + crop.height) - y,
  };
  return inside.width * inside.height < WORTHWHILE_SHARE * image.width * image.height ? inside : undefined;
}
