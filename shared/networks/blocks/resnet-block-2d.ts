import type { RowRange } from "../../protocol/tensor-ref.ts";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { type Activation, activate } from "./activation.ts";
import { convolution } from "./convolution.ts";
import { linear } from "./linear.ts";
import { type GroupNormSettings, groupNorm } from "./normalization.ts";
import type { FeatureMap } from "./token-sequence.ts";

export interface ResnetSettings extends GroupNormSettings {
  readonly activation: Activation;
  /** The time scales the channels as well, after the second norm: y = norm2(h) ∘ (1 + scale) + shift. */
  readonly isScaledByTime?: boolean;
}

/** What the blocks are told of the time. */
export interface TimeEmbedding {
  /** [batch or 1, width], the activation applied. */
  readonly rows: Value;
  readonly width: number;
}

/**
 * diffusers' `ResnetBlock2D`: two convolutions, each after a norm and an activation, added to what came in. Between them the
 * block is told the time: a shift for every channel.
 *
 *   h = conv1(φ(norm1(x))) + W·t,  y = x + conv2(φ(norm2(h)))
 *
 * He et al., "Identity Mappings in Deep Residual Networks", 2016 (arXiv:1603.05027); with the time, Ho, Jain and Abbeel,
 * "Denoising Diffusion Probabilistic Models", 2020 (arXiv:2006.11239), appendix B.
 *
 * @param map [batch, in, height, width]
 * @param channels Of the result.
 * @param time Autoencoders have none.
 * @returns [batch, channels, height, width]
 */
export function resnetBlock2d(
  g: GraphBuilder,
  { map, channels: inputs }: FeatureMap,
  name: string,
  channels: number,
  { activation, isScaledByTime = false, ...norm }: ResnetSettings,
  time?: TimeEmbedding,
): FeatureMap {
  let hidden = activate(g, groupNorm(g, map, `${name}.norm1`, inputs, norm), activation);
  hidden = convolution(g, hidden, `${name}.conv1`, { from: inputs, to: channels }); // [batch, channels, height, width]
  const ofTime = (rows?: RowRange) => {
    if (time === undefined) return undefined;
    const widths = { from: time.width, to: isScaledByTime ? 2 * channels : channels };
    return g.op("Unsqueeze", [linear(g, time.rows, `${name}.time_emb_proj`, widths, rows), g.ints(2, 3)]); // [batch, channels, 1, 1]
  };
  const shift = ofTime(isScaledByTime ? { start: channels, count: channels } : undefined);
  if (shift !== undefined && !isScaledByTime) hidden = g.add(hidden, shift);
  hidden = groupNorm(g, hidden, `${name}.norm2`, channels, norm);
  if (shift !== undefined && isScaledByTime) {
    const scale = ofTime({ start: 0, count: channels })!; // there is a time, since there is a shift
    hidden = g.add(g.multiply(hidden, g.add(scale, g.number(1))), shift);
  }
  hidden = activate(g, hidden, activation);
  hidden = convolution(g, hidden, `${name}.conv2`, { from: channels, to: channels }); // [batch, channels, height, width]
  // Where the number of channels changes, the way past the block is a 1×1 convolution.
  const shortcut =
    inputs === channels ? map : convolution(g, map, `${name}.conv_shortcut`, { from: inputs, to: channels, kernel: 1 });
  return { map: g.add(shortcut, hidden), channels };
}
