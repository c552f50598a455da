import type { FloatImage } from "../float-image.ts";
import type { SampleRect } from "./resample.ts";
import { StripResampler } from "./strip-resampler.ts";

/**
 * Resamples the part `from` of a picture to `width` x `height` with Lanczos (three lobes), PIL's LANCZOS over a box. Values
 * may overshoot 0..255 near edges.
 */
export function lanczos(image: FloatImage, from: SampleRect, width: number, height: number): FloatImage {
  return new StripResampler(image, { width, height }, image.channels, from).push(image);
}
