import type { FloatImage } from "../float-image.ts";
import { oklabToSrgb, srgbToOklab } from "./oklab.ts";

/** Contrast and saturation change at most this many times: a flat picture must not be torn into a colourful one. */
const MAX_GAIN = 2.5;
/** Below this deviation a channel counts as flat. */
const LEAST_DEVIATION = 1e-3;

/**
 * Gives a picture the colours of others: mean and deviation of lightness and both colour axes, in Oklab; of several, the mean of
 * theirs.
 *
 * Reinhard et al., "Color Transfer between Images", 2001, formulas (10) and (11), in a colour space of today.
 *
 * @param picture three channels, 0..255
 * @param references at least one, three channels, of any sizes
 * @param share 0 leaves the picture as it is, 1 carries the colours over; between, both are mixed
 */
export function carryColours(picture: FloatImage, references: readonly FloatImage[], share: number): FloatImage {
  const colours = toOklab(picture);
  const from = moments(colours);
  const to = meanOf(references.map((reference) => moments(toOklab(reference))));
  const gains = from.map(({ deviation }, c) => {
    const wanted = to[c]!.deviation / Math.max(deviation, LEAST_DEVIATION);
    return Math.min(MAX_GAIN, Math.max(1 / MAX_GAIN, wanted));
  });
  const data = new Float32Array(picture.data.length);
  for (let i = 0; i < data.length; i += 3) {
    const carried = [0, 1, 2].map((c) => {
      const value = colours[i + c]!;
      return value + share * ((value - from[c]!.mean) * gains[c]! + to[c]!.mean - value);
    });
    const rgb = oklabToSrgb(carried as [number, number, number]);
    for (let c = 0; c < 3; c += 1) data[i + c] = Math.min(255, Math.max(0, rgb[c]!));
  }
  return { ...picture, data };
}

function toOklab({ data }: FloatImage): Float32Array {
  const colours = new Float32Array(data.length);
  for (let i = 0; i < data.length; i += 3) colours.set(srgbToOklab(data[i]!, data[i + 1]!, data[i + 2]!), i);
  return colours;
}

interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

function meanOf(pictures: readonly (readonly Moments[])[]): readonly Moments[] {
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return [0, 1, 2].map((c) => {
    const channel = pictures.map((each) => each[c]!); // each has three
    return {
      mean: average(channel.map(({ mean }) => mean)),
      deviation: average(channel.map(({ deviation }) => deviation)),
    };
  });
}

/** Of each of the three channels. */
function moments(colours: Float32Array): readonly Moments[] {
  const pixels = colours.length / 3;
  return [0, 1, 2].map((c) => {
    let sum = 0;
    for (let i = c; i < colours.length; i += 3) sum += colours[i]!;
    const mean = sum / pixels;
    let squares = 0;
    for (let i = c; i < colours.length; i += 3) squares += (colours[i]! - mean) ** 2;
    return { mean, deviation: Math.sqrt(squares / pixels) };
  });
}
