import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { type Activation, activate } from "./activation.ts";
import { linear, type Widths } from "./linear.ts";

export interface SinusoidSettings {
  readonly width: number;
  /** Cosines before sines. */
  readonly flipsSinToCos: boolean;
  readonly frequencyShift: number;
}

/** Of the slowest wave, in timesteps, over 2π. */
const MAX_PERIOD = 10_000;

/**
 * diffusers' `Timesteps`: a number as waves of falling frequency, [n] to [n, width], always in single precision.
 *
 *   PE(t) = [sin(ω₀·t) … sin(ωₕ₋₁·t), cos(ω₀·t) … cos(ωₕ₋₁·t)],  ωᵢ = 10000^(−i / (h − shift)),  h = width / 2
 *
 * Vaswani et al., "Attention Is All You Need", 2017 (arXiv:1706.03762), section 3.5.
 */
export function sinusoid(g: GraphBuilder, numbers: Value, settings: SinusoidSettings): Value {
  const half = settings.width / 2;
  const step = -Math.log(MAX_PERIOD) / (half - settings.frequencyShift);
  const frequencies = Float32Array.from({ length: half }, (_, i) => Math.exp(Math.fround(i * step)));
  const column = g.op("Unsqueeze", [numbers, g.ints(1)]); // [n, 1]
  const angles = g.multiply(column, g.floats(frequencies, [1, half])); // [n, width / 2]
  const sines = g.op("Sin", [angles]);
  const cosines = g.op("Cos", [angles]);
  return g.concat(settings.flipsSinToCos ? [cosines, sines] : [sines, cosines], -1); // [n, width]
}

/**
 * diffusers' `TimestepEmbedding`: two linear layers, which make of the waves what the blocks are told: [n, width] to
 * [n, time width].
 *
 * @param condition What is added to the waves beforehand (the guidance scale of consistency models).
 */
export function timestepEmbedding(
  g: GraphBuilder,
  waves: Value,
  name: string,
  { from, to }: Widths,
  activation: Activation,
  condition?: { readonly rows: Value; readonly width: number },
): Value {
  const input = condition
    ? g.add(waves, linear(g, condition.rows, `${name}.cond_proj`, { from: condition.width, to: from }))
    : waves;
  const hidden = activate(g, linear(g, input, `${name}.linear_1`, { from, to }), activation); // [n, time width]
  return linear(g, hidden, `${name}.linear_2`, { from: to, to });
}
