import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** Peak signal-to-noise ratio of two pictures of one size in dB, over red, green and blue; infinite when they are equal. */
export function peakSignalToNoise(image: RgbaImage, truth: RgbaImage): number {
  let squares = 0;
  for (let i = 0; i < truth.data.length; i += 1) {
    if (i % 4 !== 3) squares += (image.data[i]! - truth.data[i]!) ** 2;
  }
  const mean = squares / (truth.width * truth.height * 3);
  return 10 * Math.log10(255 ** 2 / mean);
}
