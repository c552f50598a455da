import type { FloatImage } from "../../imaging/float-image.ts";
import { resample } from "../../imaging/resample/resample.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelRect } from "../../protocol/geometry.ts";

/** Rows resampled at once: what exists as floats beside the layer stays small however large the layer is. */
const BAND = 256;

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
  const data = new Uint8ClampedArray(area.width * area.height * 4);
  for (let top = 0; top < area.height; top += BAND) {
    const rows = Math.min(BAND, area.height - top);
    const band = { ...from, y: from.y + top * scaleY, height: rows * scaleY };
    const colours = resample(drawn, band, area.width, rows);
    for (let i = 0; i < rows * area.width; i += 1) {
      const pixel = top * area.width + i;
      if (alpha[pixel] === 0) continue; // nothing hides under full transparency
      data[pixel * 4] = colours.data[i * 3]!;
      data[pixel * 4 + 1] = colours.data[i * 3 + 1]!;
      data[pixel * 4 + 2] = colours.data[i * 3 + 2]!;
      data[pixel * 4 + 3] = alpha[pixel]!;
    }
  }
  return { width: area.width, height: area.height, data };
}
