/** Below this deviation a channel is flat, and scaling it would only raise rounding noise. */
const LEAST_DEVIATION = 1e-4;

/**
 * Adaptive instance normalisation: gives each channel of `content` the mean and deviation that channel has in `style`.
 *
 * Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization", 2017, formula (8).
 *
 * @param content [channels, cells]
 * @param style [channels, any other number of cells]
 * @param share 0 leaves the content as it is, 1 takes the style's statistics over; between, both are mixed.
 */
export function matchStatistics(
  content: Float32Array,
  style: Float32Array,
  channels: number,
  share: number,
): Float32Array {
  const matched = new Float32Array(content.length);
  const cells = content.length / channels;
  const styleCells = style.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    const plane = content.subarray(channel * cells, (channel + 1) * cells);
    const from = momentsOf(plane);
    const to = momentsOf(style.subarray(channel * styleCells, (channel + 1) * styleCells));
    const gain = from.deviation < LEAST_DEVIATION ? 1 : to.deviation / from.deviation;
    for (const [i, value] of plane.entries()) {
      const normalised = (value - from.mean) * gain + to.mean;
      matched[channel * cells + i] = value + share * (normalised - value);
    }
  }
  return matched;
}

function momentsOf(values: Float32Array): { readonly mean: number; readonly deviation: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
