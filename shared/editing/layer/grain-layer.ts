import { matchGrain } from "../../imaging/compose/match-grain.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import { enlargedIn, type PixelRect } from "../../protocol/geometry.ts";

/** How far around a layer the picture's grain is looked at, in pixels. */
const AROUND = 32;

/**
 * Gives a layer the grain of the picture around what it covers.
 *
 * @param layer written to
 * @param area its place in the picture
 */
export function grainLayer(layer: RgbaImage, area: PixelRect, image: RgbaImage): void {
  const { x, y, width, height } = enlargedIn(image, area, AROUND);
  const seen = { width, height, data: new Uint8ClampedArray(width * height * 4) };
  for (let row = 0; row < height; row += 1) {
    const start = ((y + row) * image.width + x) * 4;
    seen.data.set(image.data.subarray(start, start + width * 4), row * width * 4);
  }
  const inSeen = (pixel: number): number =>
    ((Math.floor(pixel / area.width) + area.y - y) * width + (pixel % area.width) + area.x - x) * 4;
  const pixels = area.width * area.height;
  const isDrawn = new Uint8Array(width * height);
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    if (layer.data[pixel * 4 + 3] === 0) continue;
    const to = inSeen(pixel);
    isDrawn[to / 4] = 1;
    seen.data.set(layer.data.subarray(pixel * 4, pixel * 4 + 3), to);
    seen.data[to + 3] = 255;
  }
  matchGrain(seen, (column, row) => isDrawn[row * width + column] === 1, { x, y });
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    if (layer.data[pixel * 4 + 3] === 0) continue;
    const from = inSeen(pixel);
    for (let c = 0; c < 3; c += 1) layer.data[pixel * 4 + c] = seen.data[from + c] as number;
  }
}
