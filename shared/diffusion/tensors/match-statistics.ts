/** Below this deviation a channel is flat, and scaling it would only raise rounding noise. */
const LEAST_DEVIATION = 1e-4;

/**
 * Adaptive instance normalisation: gives each channel of `content` the mean and deviation that channel has in `styles`, of
 * several the mean of theirs.
 *
 * Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization", 2017, formula (8), and (15)
 * with equal weights: what is normalised is linear in both moments, so that theirs may be averaged as well.
 *
 * @param content [channels, cells]
 * @param styles at least one, [channels, any other number of cells] each
 * @param share 0 leaves the content as it is, 1 takes the style's statistics over; between, both are mixed.
 */
export function matchStatistics(
  content: Float32Array,
  styles: readonly Float32Array[],
  channels: number,
  share: number,
): Float32Array {
  const matched = new Float32Array(content.length);
  const cells = content.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    const plane = planeOf(content, channel, channels);
    const from = momentsOf(plane);
    const to = meanOf(styles.map((style) => momentsOf(planeOf(style, channel, channels))));
    const gain = from.deviation < LEAST_DEVIATION ? 1 : to.deviation / from.deviation;
    for (const [i, value] of plane.entries()) {
      const normalised = (value - from.mean) * gain + to.mean;
      matched[channel * cells + i] = value + share * (normalised - value);
    }
  }
  return matched;
}

interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

function planeOf(latents: Float32Array, channel: number, channels: number): Float32Array {
  const cells = latents.length / channels;
  return latents.subarray(channel * cells, (channel + 1) * cells);
}

function meanOf(all: readonly Moments[]): Moments {
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean: average(all.map(({ mean }) => mean)), deviation: average(all.map(({ deviation }) => deviation)) };
}

function momentsOf(values: Float32Array): Moments {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
