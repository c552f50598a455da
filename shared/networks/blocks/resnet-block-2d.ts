import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { type Activation, activate } from "./activation.ts";
import { convolution } from "./convolution.ts";
import { linear } from "./linear.ts";
import { type GroupNormSettings, groupNorm } from "./normalization.ts";

export interface ResnetSettings extends GroupNormSettings {
  readonly activation: Activation;
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
 * @param time [batch or 1, time width], the activation applied; autoencoders have none
 * @returns [batch, channels, height, width]
 */
export function resnetBlock2d(
  g: GraphBuilder,
  map: Value,
  name: string,
  channels: number,
  { activation, ...norm }: ResnetSettings,
  time?: Value,
): Value {
  g.requireDims(`${name}.conv1.weight`, [channels, undefined, 3, 3]);
  g.requireDims(`${name}.norm1.weight`, [g.tensor(`${name}.conv1.weight`).dims[1]]);
  g.requireDims(`${name}.norm2.weight`, [channels]);
  let hidden = activate(g, groupNorm(g, map, `${name}.norm1`, norm), activation);
  hidden = convolution(g, hidden, `${name}.conv1`); // [batch, channels, height, width]
  if (time !== undefined) {
    const shift = linear(g, time, `${name}.time_emb_proj`); // [batch, channels]
    hidden = g.add(hidden, g.op("Unsqueeze", [shift, g.ints(2, 3)])); // [batch, channels, 1, 1]
  }
  hidden = activate(g, groupNorm(g, hidden, `${name}.norm2`, norm), activation);
  hidden = convolution(g, hidden, `${name}.conv2`); // [batch, channels, height, width]
  // Where the number of channels changes, the way past the block is a 1×1 convolution.
  const shortcut = g.has(`${name}.conv_shortcut.weight`) ? convolution(g, map, `${name}.conv_shortcut`) : map;
  return g.add(shortcut, hidden);
}
