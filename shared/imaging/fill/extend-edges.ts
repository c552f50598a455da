import type { PixelRect } from "../../protocol/geometry.ts";
import type { FloatImage } from "../float-image.ts";

/**
 * Carries the border of `known` straight outwards: each pixel that `unknown` marks takes the colour of the pixel of the
 * rectangle nearest to it. Bands that run into the border, a horizon for one, go on.
 *
 * @param unknown one value a pixel; 0 leaves the pixel as it is
 */
export function extendEdges(image: FloatImage, unknown: ArrayLike<number>, known: PixelRect): FloatImage {
  const { width, height, channels } = image;
  const data = new Float32Array(image.data);
  const right = Math.min(known.x + known.width, width) - 1;
  const bottom = Math.min(known.y + known.height, height) - 1;
  for (let y = 0; y < height; y += 1) {
    const fromY = Math.max(Math.min(y, bottom), known.y, 0);
    for (let x = 0; x < width; x += 1) {
      if (!unknown[y * width + x]) continue;
      const fromX = Math.max(Math.min(x, right), known.x, 0);
      const from = (fromY * width + fromX) * channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < channels; c += 1) data[to + c] = image.data[from + c] as number;
    }
  }
  return { ...image, data };
}
