import type { GrayImage, RgbaImage } from "../rgba-image.ts";
import { fromLight, toLight } from "./srgb-curve.ts";

/**
 * Relative luminance of sRGB (IEC 61966-2-1), encoded again, times alpha: opaque greys keep their value exactly, and what
 * is transparent has no brightness.
 */
export function brightness({ width, height, data }: RgbaImage): GrayImage {
  const gray = new Uint8Array(width * height);
  const linear = Float64Array.from({ length: 256 }, (_, value) => toLight(value / 255));
  for (let pixel = 0, at = 0; pixel < gray.length; pixel += 1, at += 4) {
    const red = data[at]!;
    const green = data[at + 1]!;
    const blue = data[at + 2]!;
    const value =
      red === green && green === blue
        ? red
        : 255 * fromLight(0.2126 * linear[red]! + 0.7152 * linear[green]! + 0.0722 * linear[blue]!);
    gray[pixel] = Math.round((value * data[at + 3]!) / 255);
  }
  return { width, height, data: gray };
}
