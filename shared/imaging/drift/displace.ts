import type { FloatImage } from "../float-image.ts";
import { type Displacement, drawnAt } from "./register.ts";

/** A drawn picture laid over the one it was drawn after. */
export interface Displaced {
  readonly picture: FloatImage;
  /** 0 where a pixel was drawn beyond the picture: there the border repeats. */
  readonly inside: Uint8Array;
}

/** Takes a displacement back by Keys' cubic (a = −½); whole pixels come back exactly. */
export function displace(drawn: FloatImage, displacement: Displacement): Displaced {
  const { width, height, channels, data } = drawn;
  const [columns, rows] = drawnAt(drawn, displacement);
  const isWithin = (at: number, length: number) => at >= 0 && at <= length - 1;
  const inside = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      inside[y * width + x] = isWithin(columns[x]!, width) && isWithin(rows[y]!, height) ? 1 : 0;

  const across = new Float32Array(data.length);
  for (let x = 0; x < width; x += 1) {
    const { samples, weights } = cubic(columns[x]!, width);
    for (let y = 0; y < height; y += 1) {
      const row = y * width;
      for (let c = 0; c < channels; c += 1) {
        let sum = 0;
        for (let k = 0; k < 4; k += 1) sum += weights[k]! * data[(row + samples[k]!) * channels + c]!;
        across[(row + x) * channels + c] = sum;
      }
    }
  }
  const out = new Float32Array(data.length);
  const length = width * channels;
  for (let y = 0; y < height; y += 1) {
    const { samples, weights } = cubic(rows[y]!, height);
    for (let i = 0; i < length; i += 1) {
      let sum = 0;
      for (let k = 0; k < 4; k += 1) sum += weights[k]! * across[samples[k]! * length + i]!;
      out[y * length + i] = sum;
    }
  }
  return { picture: { width, height, channels, data: out }, inside };
}

/** The four samples around a place on a line, and how much each of them counts. */
function cubic(
  at: number,
  length: number,
): { readonly samples: readonly number[]; readonly weights: readonly number[] } {
  const first = Math.floor(at);
  const samples = [-1, 0, 1, 2].map((step) => Math.min(Math.max(first + step, 0), length - 1));
  const t = at - first;
  const [t2, t3] = [t * t, t * t * t];
  return {
    samples,
    weights: [(-t3 + 2 * t2 - t) / 2, (3 * t3 - 5 * t2 + 2) / 2, (-3 * t3 + 4 * t2 + t) / 2, (t3 - t2) / 2],
  };
}
