import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";

/** Room around the mask on every side, as a share of the mask's average side. */
const PADDING_SHARE = 0.4;
/** The least room on every side, in pixels, so that a dot still has a neighbourhood. */
const MIN_PADDING = 16;
/** Where the image has room, the longer side is at most this many times the shorter one: models are trained on squares. */
const SQUARISH = 1.5;
/** A longer context than this is made less narrow by reaching beyond the image: denoisers fall apart on thin strips. */
export const MAX_ASPECT = 3;
/** The smallest context is this share of the native size: upscaling a context more than twice shows the model only blur. */
export const MIN_CONTEXT_SHARE = 0.5;

/**
 * Chooses the part of the image the model sees: the mask with generous room around it, squarish, at least `minSide`
 * where the image has that much. At the image's borders the rectangle is shifted inward rather than shrunk; only an
 * image that is too narrow itself makes it reach outside (there, pixels repeat the border).
 *
 * @param mask bounds of the painted area, inside the image
 * @param minSide least width and height in source pixels
 * @param aspect width / height to keep exactly, for graphs of fixed size; otherwise free within 1:3 and 3:1
 * @param paddingShare room on every side, as a share of the mask's average side
 */
export function fitContext(
  image: PixelSize,
  mask: PixelRect,
  minSide: number,
  aspect?: number,
  paddingShare = PADDING_SHARE,
): PixelRect {
  const padding = Math.max(MIN_PADDING, Math.round(((mask.width + mask.height) / 2) * paddingShare));
  let width = Math.max(mask.width + 2 * padding, minSide);
  let height = Math.max(mask.height + 2 * padding, minSide);
  width = Math.max(width, Math.round(height / SQUARISH));
  height = Math.max(height, Math.round(width / SQUARISH));

  width = Math.min(width, image.width);
  height = Math.min(height, image.height);
  if (aspect === undefined) {
    width = Math.max(width, Math.ceil(height / MAX_ASPECT));
    height = Math.max(height, Math.ceil(width / MAX_ASPECT));
  } else {
    width = Math.max(width, Math.round(height * aspect));
    height = Math.max(height, Math.round(width / aspect));
  }
  return {
    x: place(mask.x + mask.width / 2, width, image.width),
    y: place(mask.y + mask.height / 2, height, image.height),
    width,
    height,
  };
}

/** Start of a stretch of `length` around `centre`, moved inside 0..`limit`, or centred over it when it is longer. */
function place(centre: number, length: number, limit: number): number {
  if (length >= limit) return Math.floor((limit - length) / 2);
  return Math.min(Math.max(Math.round(centre - length / 2), 0), limit - length);
}
