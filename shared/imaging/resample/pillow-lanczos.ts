import { type PixelSize, wholeOf } from "../../protocol/geometry.ts";
import type { FloatImage } from "../float-image.ts";
import { lanczos } from "./lanczos.ts";

/**
 * Resamples a picture as Pillow's `Image.resize` does with LANCZOS: across, then down, each to whole 8-bit levels, where `lanczos`
 * keeps what lies between and beyond them. Values are whole, 0..255.
 */
export function pillowLanczos(image: FloatImage, { width, height }: PixelSize): FloatImage {
  if (width === image.width && height === image.height) return image;
  const across = inLevels(lanczos(image, wholeOf(image), width, image.height));
  return inLevels(lanczos(across, wholeOf(across), width, height));
}

function inLevels(image: FloatImage): FloatImage {
  return { ...image, data: image.data.map((value) => Math.min(255, Math.max(0, Math.floor(value + 0.5)))) };
}
