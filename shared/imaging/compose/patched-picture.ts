import type { PixelRect } from "../../protocol/geometry.ts";
import type { GrayImage, RgbaImage } from "../rgba-image.ts";
import { paintOver } from "./composite.ts";
import { eraseUnder } from "./erase-under.ts";

/** A small picture that lies over a large one. */
interface Patch {
  readonly pixels: RgbaImage;
  readonly place: PixelRect;
  /** How much of what is below it takes away, 255 all of it; its size. */
  readonly erase: GrayImage | undefined;
}

/**
 * A picture with patches laid over it in order, none of them painted into it: many variants of one source share its pixels
 * and hold only what differs. Nothing in it is ever written to.
 */
export interface PatchedPicture {
  readonly source: RgbaImage;
  readonly patches: readonly Patch[];
}

/** Part of a picture: `area` of `image`, whose pixels beyond its border are those of the picture beyond its own. */
export interface PictureWindow {
  readonly image: RgbaImage;
  /** May reach beyond the image where it reached beyond the picture. */
  readonly area: PixelRect;
}

/** The picture with one more patch, its top left corner at (`place.x`, `place.y`); parts beyond the picture do not show. */
export function withPatch(
  { source, patches }: PatchedPicture,
  pixels: RgbaImage,
  { x, y }: Pick<PixelRect, "x" | "y">,
  erase?: GrayImage,
): PatchedPicture {
  const place = { x, y, width: pixels.width, height: pixels.height };
  return { source, patches: [...patches, { pixels, place, erase }] };
}

/**
 * What lies in `area` with all patches laid over it: equal to cutting it out of a painted copy (`layerOver`). Copies no more
 * than the area, and nothing where no patch lies.
 *
 * @param area shares a pixel with the picture at least
 */
export function windowOf({ source, patches }: PatchedPicture, area: PixelRect): PictureWindow {
  const left = Math.max(area.x, 0);
  const top = Math.max(area.y, 0);
  const width = Math.min(area.x + area.width, source.width) - left;
  const height = Math.min(area.y + area.height, source.height) - top;
  if (width <= 0 || height <= 0)
    throw new RangeError(`The area at ${area.x}, ${area.y} lies beyond a picture of ${source.width}×${source.height}.`);
  const seen = { x: left, y: top, width, height };
  const above = patches.filter(({ place }) => overlap(place, seen));
  if (above.length === 0) return { image: source, area };
  const data = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row += 1) {
    const start = ((top + row) * source.width + left) * 4;
    data.set(source.data.subarray(start, start + width * 4), row * width * 4);
  }
  const image = { width, height, data };
  for (const { pixels, place, erase } of above) {
    const inWindow = { x: place.x - left, y: place.y - top };
    if (erase) eraseUnder(image, erase, inWindow);
    paintOver(image, pixels, inWindow);
  }
  return { image, area: { ...area, x: area.x - left, y: area.y - top } };
}

function overlap(a: PixelRect, b: PixelRect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
