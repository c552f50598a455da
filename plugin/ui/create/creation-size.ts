import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import type { PictureTarget } from "../../../shared/protocol/plugin/selection.ts";

/** Smallest and largest side of a new picture, as the request allows them. */
export const MIN_CREATED_SIDE = 16;
export const MAX_CREATED_SIDE = 4_096;

/** Usual formats, named by their proportions. */
export const creationSizes: readonly (PixelSize & { readonly name: string })[] = [
  { name: "1:1", width: 512, height: 512 },
  { name: "3:2", width: 768, height: 512 },
  { name: "2:3", width: 512, height: 768 },
  { name: "16:9", width: 1024, height: 576 },
];

/** One pixel a page unit of the shape, in its proportions, within what can be made. */
export function sizeOfTarget({ width, height }: PictureTarget): PixelSize {
  const scale = Math.min(1, MAX_CREATED_SIDE / Math.max(width, height));
  const side = (length: number) => Math.max(MIN_CREATED_SIDE, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}
