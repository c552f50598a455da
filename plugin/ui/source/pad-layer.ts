import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";

/** A layer on a transparent picture of the source's size: what a shape with the source's own outline can show. */
export function padLayer(layer: RgbaImage, place: PixelRect, { width, height }: PixelSize): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let y = Math.max(0, place.y); y < Math.min(height, place.y + place.height); y += 1) {
    const from = Math.max(0, -place.x);
    const to = Math.min(place.width, width - place.x);
    const row = (y - place.y) * place.width;
    data.set(layer.data.subarray((row + from) * 4, (row + to) * 4), (y * width + place.x + from) * 4);
  }
  return { width, height, data };
}
