import { StripResampler } from "../../imaging/resample/lanczos.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";

/** Source rows that exist as floats at once. */
const BAND = 64;

/** Gives `target` the opacity of `image`, resampled on its own: models see colours only. */
export function resampleAlpha(image: RgbaImage, target: RgbaImage): void {
  if (isOpaque(image)) {
    for (let i = 3; i < target.data.length; i += 4) target.data[i] = 255;
    return;
  }
  const resampler = new StripResampler(image, target, 1);
  let to = 3;
  for (let top = 0; top < image.height; top += BAND) {
    const height = Math.min(BAND, image.height - top);
    const start = top * image.width;
    const data = Float32Array.from({ length: height * image.width }, (_, i) => image.data[(start + i) * 4 + 3]!);
    for (const opacity of resampler.push({ width: image.width, height, channels: 1, data }).data) {
      target.data[to] = Math.min(Math.max(Math.round(opacity), 0), 255);
      to += 4;
    }
  }
}

function isOpaque({ data }: RgbaImage): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}
