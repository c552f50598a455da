import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { lumaPlane } from "./luma-plane.ts";

/**
 * How sharp a picture is: the root mean square of its brightness gradient, in levels a pixel. Blur spreads an edge of the
 * same height over more pixels, which lowers it; over the same measure of the truth, below 1 is blurred and above 1
 * oversharpened.
 */
export function edgeContrast(image: RgbaImage): number {
  const { width, height } = image;
  const luma = lumaPlane(image);
  let squares = 0;
  let count = 0;
  const add = (p: number, q: number): void => {
    squares += (luma[p]! - luma[q]!) ** 2;
    count += 1;
  };
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const p = y * width + x;
      if (x + 1 < width) add(p, p + 1);
      if (y + 1 < height) add(p, p + width);
    }
  return count === 0 ? 0 : Math.sqrt(squares / count);
}
