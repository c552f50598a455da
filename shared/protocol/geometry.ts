import { z } from "zod";

/** A size in whole pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}
export const pixelSizeSchema = z.object({ width: z.int().positive(), height: z.int().positive() });

/** A rectangle in whole pixels of the source image; x and y may be negative where an edit reaches beyond the image. */
export interface PixelRect extends PixelSize {
  readonly x: number;
  readonly y: number;
}
export const pixelRectSchema = z.object({ x: z.int(), y: z.int(), ...pixelSizeSchema.shape });
