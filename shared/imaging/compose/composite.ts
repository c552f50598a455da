import type { PixelRect } from "../../protocol/geometry.ts";
import type { RgbaImage } from "../rgba-image.ts";

/**
 * Lays `layer` over `base` with its top left corner at (`place.x`, `place.y`) and returns the new picture ("source over",
 * straight alpha). Base pixels under alpha 0 come back bit-identical, hidden colour included; layer pixels of alpha 255
 * replace what is below. Parts of the layer beyond the base are cut off.
 */
export function layerOver(base: RgbaImage, layer: RgbaImage, place: Pick<PixelRect, "x" | "y">): RgbaImage {
  const result = { width: base.width, height: base.height, data: new Uint8Array(base.data) };
  paintOver(result, layer, place);
  return result;
}

/** `layerOver` into the base itself, for pictures that are too large to copy for every layer. */
export function paintOver(base: RgbaImage, layer: RgbaImage, place: Pick<PixelRect, "x" | "y">): void {
  const { data } = base;
  const left = Math.max(0, -place.x);
  const right = Math.min(layer.width, base.width - place.x);
  const top = Math.max(0, -place.y);
  const bottom = Math.min(layer.height, base.height - place.y);
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const from = (y * layer.width + x) * 4;
      const alpha = layer.data[from + 3]!;
      if (alpha === 0) continue;
      const to = ((y + place.y) * base.width + x + place.x) * 4;
      if (alpha === 255) {
        data[to] = layer.data[from]!;
        data[to + 1] = layer.data[from + 1]!;
        data[to + 2] = layer.data[from + 2]!;
        data[to + 3] = 255;
        continue;
      }
      const over = alpha / 255;
      const under = (data[to + 3]! / 255) * (1 - over);
      const total = over + under;
      for (let c = 0; c < 3; c += 1)
        data[to + c] = Math.round((layer.data[from + c]! * over + data[to + c]! * under) / total);
      data[to + 3] = Math.round(total * 255);
    }
  }
}
