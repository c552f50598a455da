import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";

/** How much larger: a factor, or as many pixels as the shape needs on screens of double density. */
export const upscaleChoices = [2, 3, 4, "match"] as const;
export type UpscaleChoice = (typeof upscaleChoices)[number];

/** Pixels a page unit that "match" brings a picture to. */
export const MATCH_DENSITY = 2;

export interface UpscaleSource {
  readonly image: PixelSize;
  /** The part that shows in the shape. */
  readonly visible: PixelRect;
  /** The shape's size in page units. */
  readonly shape: { readonly width: number; readonly height: number };
}

/** The new size, in the picture's own proportions. Not larger than the old one where the shape needs no more pixels. */
export function upscaleSize({ image, visible, shape }: UpscaleSource, choice: UpscaleChoice): PixelSize {
  const factor =
    choice === "match"
      ? Math.max((shape.width * MATCH_DENSITY) / visible.width, (shape.height * MATCH_DENSITY) / visible.height)
      : choice;
  return { width: Math.round(image.width * factor), height: Math.round(image.height * factor) };
}
