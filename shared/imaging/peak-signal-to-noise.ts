import type { RgbaImage } from "./rgba-image.ts";

/**
 * Peak signal-to-noise ratio in decibels, 10 · log10(255² / mean squared error), over red, green and blue of all pictures
 * together. Infinite where no pixel differs. Throws RangeError where sizes differ.
 */
export function peakSignalToNoise(pairs: readonly (readonly [RgbaImage, RgbaImage])[]): number {
  let [squares, count] = [0, 0];
  for (const [a, b] of pairs) {
    if (a.width !== b.width || a.height !== b.height) throw new RangeError("Pictures of different sizes.");
    for (let i = 0; i < a.data.length; i++) {
      if (i % 4 === 3) continue; // opacity
      squares += (a.data[i]! - b.data[i]!) ** 2; // as long as each other
      count++;
    }
  }
  return 10 * Math.log10((255 ** 2 * count) / squares);
}
