import type { FloatImage } from "../imaging/float-image.ts";
import { resample } from "../imaging/resample.ts";
import type { RgbaImage } from "../imaging/rgba-image.ts";
import type { PixelRect } from "../protocol/geometry.ts";

/**
 * Brings the part of the drawn picture under `area` back to source pixels and gives it its opacity.
 *
 * @param drawn the context as drawn by the model, at the working size
 * @param context where it lies in the source
 * @param area the layer's place in the source, inside the context
 * @param alpha one opacity a pixel of `area`
 */
export function cutLayer(drawn: FloatImage, context: PixelRect, area: PixelRect, alpha: Uint8Array): RgbaImage {
  const scaleX = drawn.width / context.width;
  const scaleY = drawn.height / context.height;
  const from = {
    x: (area.x - context.x) * scaleX,
    y: (area.y - context.y) * scaleY,
    width: area.width * scaleX,
    height: area.height * scaleY,
  };
  const colours = resample(drawn, from, area.width, area.height);
  const data = new Uint8ClampedArray(area.width * area.height * 4);
  for (let pixel = 0; pixel < alpha.length; pixel += 1) {
    if (alpha[pixel] === 0) continue; // nothing hides under full transparency
    for (let c = 0; c < 3; c += 1) data[pixel * 4 + c] = colours.data[pixel * 3 + c] as number;
    data[pixel * 4 + 3] = alpha[pixel] as number;
  }
  return { width: area.width, height: area.height, data };
}
