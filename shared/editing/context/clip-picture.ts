import { cropPremultiplied } from "../../imaging/resample/crop-premultiplied.ts";
import { resample } from "../../imaging/resample/resample.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import { wholeOf } from "../../protocol/geometry.ts";
import { opaque } from "./prepare-context.ts";

/**
 * A picture as CLIP's image encoders see it: its shorter side brought to `side` by PIL's bicubic, then the middle square, in
 * 8 bits. As `CLIPImageProcessor` of transformers does it, to one level where rounding between both directions decides.
 *
 * @returns [3, side, side], 0 to 1
 */
export function clipPicture(image: RgbaImage, side: number): Float32Array {
  const whole = wholeOf(image);
  const cut = cropPremultiplied(image, whole);
  const scale = side / Math.min(image.width, image.height);
  const width = Math.max(side, Math.trunc(image.width * scale));
  const height = Math.max(side, Math.trunc(image.height * scale));
  const shrunk = resample(cut, whole, width, height);
  const { data } = shrunk.channels === 3 ? shrunk : opaque(shrunk);
  const left = Math.floor((width - side) / 2);
  const top = Math.floor((height - side) / 2);
  const plane = side * side;
  const pixels = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i += 1) {
    const from = ((top + Math.floor(i / side)) * width + left + (i % side)) * 3;
    for (let c = 0; c < 3; c += 1)
      pixels[c * plane + i] = Math.round(Math.min(Math.max(data[from + c]!, 0), 255)) / 255;
  }
  return pixels;
}
