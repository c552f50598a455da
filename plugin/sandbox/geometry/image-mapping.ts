import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";

/** A size or rectangle in page units, relative to the unrotated shape's top left corner. */
export interface BoxSize {
  readonly width: number;
  readonly height: number;
}
export interface BoxRect extends BoxSize {
  readonly x: number;
  readonly y: number;
}

/** How an image fill lies in its shape's box: box = (pixel - origin) * scale. */
export interface ImageMapping {
  /** The image pixel position (fractional) at the box's top left corner. */
  readonly origin: { readonly x: number; readonly y: number };
  /** Page units per image pixel. */
  readonly scale: { readonly x: number; readonly y: number };
}

/**
 * Penpot draws an image fill like an SVG image: stretched over the box (`none`), or, when it keeps its aspect ratio,
 * centred and large enough to cover it (`xMidYMid slice`).
 */
export function imageMapping(image: PixelSize, box: BoxSize, keepsAspectRatio: boolean): ImageMapping {
  const stretch = { x: box.width / image.width, y: box.height / image.height };
  if (!keepsAspectRatio) return { origin: { x: 0, y: 0 }, scale: stretch };
  const scale = Math.max(stretch.x, stretch.y);
  return {
    origin: { x: (image.width - box.width / scale) / 2, y: (image.height - box.height / scale) / 2 },
    scale: { x: scale, y: scale },
  };
}

/** The part of the image that shows in the box: the fewest whole pixels that contain it. */
export function visiblePart(image: PixelSize, box: BoxSize, keepsAspectRatio: boolean): PixelRect {
  const { origin } = imageMapping(image, box, keepsAspectRatio);
  // The image is centred, so what is cut off is the same on both sides. Noise of the division must not cost a pixel.
  const x = Math.floor(origin.x + 1e-6);
  const y = Math.floor(origin.y + 1e-6);
  return { x, y, width: image.width - 2 * x, height: image.height - 2 * y };
}

/** Where a rectangle of image pixels lies in the box. */
export function toBox(rect: PixelRect, { origin, scale }: ImageMapping): BoxRect {
  return {
    x: (rect.x - origin.x) * scale.x,
    y: (rect.y - origin.y) * scale.y,
    width: rect.width * scale.x,
    height: rect.height * scale.y,
  };
}
