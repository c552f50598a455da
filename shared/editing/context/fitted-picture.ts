import type { FloatImage } from "../../imaging/float-image.ts";
import { pillowLanczos } from "../../imaging/resample/pillow-lanczos.ts";
import type { GrayImage, RgbaImage } from "../../imaging/rgba-image.ts";
import { type PixelSize, wholeOf } from "../../protocol/geometry.ts";
import type { Fit } from "../../protocol/plans/pass.ts";
import { prepareContext } from "./prepare-context.ts";

/** The size at which a plain run works, and how pictures are brought to it. */
export interface FittedSize {
  readonly working: PixelSize;
  readonly fit?: Fit | undefined;
}

/**
 * The whole picture as the model of a plain run sees it: brought to a size as diffusers' image processors do, its colours as they
 * are stored, whatever its alpha (Pillow's `convert("RGB")`).
 */
export function fittedPicture(image: RgbaImage, { working, fit }: FittedSize): FloatImage {
  const context = wholeOf(image);
  const coloured = { ...image, data: image.data.map((value, i) => (i % 4 === 3 ? 255 : value)) };
  if (fit === undefined) return prepareContext(coloured, { context, working });
  const reduced = pillowLanczos(prepareContext(coloured, { context, working: context }), fit.from);
  return fit.by === "crop" ? middleOf(reduced, working) : pillowLanczos(reduced, working);
}

/** Black and white at one half, as diffusers' mask processor does. One value a pixel of the working size. */
export function fittedMask({ width, height, data }: GrayImage, { working, fit }: FittedSize): Float32Array {
  const levels = Float32Array.from(data);
  const fitted = fit ? pillowLanczos({ width, height, channels: 1, data: levels }, working).data : levels;
  return fitted.map((level) => (level / 255 >= 0.5 ? 1 : 0));
}

/** A part of a picture around its middle; of an odd rest, more is left on the right and at the bottom. */
function middleOf({ width, height, channels, data }: FloatImage, size: PixelSize): FloatImage {
  const left = Math.floor((width - size.width) / 2);
  const top = Math.floor((height - size.height) / 2);
  const part = new Float32Array(size.width * size.height * channels);
  for (let y = 0; y < size.height; y += 1) {
    const from = ((top + y) * width + left) * channels;
    part.set(data.subarray(from, from + size.width * channels), y * size.width * channels);
  }
  return { ...size, channels, data: part };
}
