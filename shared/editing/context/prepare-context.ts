import { pushPullFill } from "../../imaging/fill/push-pull-fill.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import { cropPremultiplied } from "../../imaging/resample/crop-premultiplied.ts";
import { resample } from "../../imaging/resample/resample.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";

/** Block averages take over most of a strong reduction; the cubic still sees this many samples for each one it makes. */
export const SAMPLES_LEFT = 3;

/**
 * The context as the model sees it: cut out, brought to the working size, and opaque. Where the source is transparent the
 * model would see whatever colour happens to lie under alpha 0, so those pixels continue the colours around them.
 */
export function prepareContext(
  image: RgbaImage,
  { context, working }: { readonly context: PixelRect; readonly working: PixelSize },
): FloatImage {
  const scale = Math.min(context.width / working.width, context.height / working.height);
  const reduce = Math.max(1, Math.floor(scale / SAMPLES_LEFT));
  const cut = cropPremultiplied(image, context, reduce);
  const whole = { x: 0, y: 0, width: context.width / reduce, height: context.height / reduce };
  const seen = resample(cut, whole, working.width, working.height);
  return seen.channels === 3 ? seen : opaque(seen);
}

/** Below one 8-bit step of opacity a colour is rounding noise. */
const LEAST_ALPHA = 1 / 255;

/** Premultiplied RGBA to opaque RGB: divided by alpha where there is any, filled from the surroundings where there is none. */
export function opaque({ width, height, data }: FloatImage): FloatImage {
  const rgb = new Float32Array(width * height * 3);
  const weight = new Float32Array(width * height);
  for (let pixel = 0; pixel < weight.length; pixel += 1) {
    // The kernel overshoots alpha and colour alike, so their quotient does not.
    const alpha = data[pixel * 4 + 3]! / 255;
    if (alpha < LEAST_ALPHA) continue;
    weight[pixel] = Math.min(alpha, 1);
    for (let c = 0; c < 3; c += 1) rgb[pixel * 3 + c] = data[pixel * 4 + c]! / alpha;
  }
  return pushPullFill({ width, height, channels: 3, data: rgb }, weight);
}
