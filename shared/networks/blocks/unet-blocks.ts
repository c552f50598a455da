import type { GraphBuilder } from "../graph/graph-builder.ts";
import type { ImagePrompt } from "./attention.ts";
import { downsample2d, upsample2dTo } from "./resampling.ts";
import { type ResnetSettings, resnetBlock2d, type TimeEmbedding } from "./resnet-block-2d.ts";
import type { FeatureMap, TokenSequence } from "./token-sequence.ts";
import { type TransformerSettings, transformer2d } from "./transformer-2d.ts";

/** What every block is told beside the feature map. */
export interface Conditions {
  readonly time: TimeEmbedding;
  readonly text: TokenSequence;
  readonly imagePrompt?: ImagePrompt | undefined;
}

/** A block of one resolution. */
export interface BlockSettings {
  readonly channels: number;
  readonly layers: number;
  readonly resnet: ResnetSettings;
  /** After each residual block; undefined where the block does not look at the text. */
  readonly transformer: TransformerSettings | undefined;
}

export interface DownBlockResult {
  readonly last: FeatureMap;
  /** The map after each layer and after halving, for the way up. */
  readonly skips: readonly FeatureMap[];
}

/**
 * diffusers' `CrossAttnDownBlock2D` and, without a transformer, `DownBlock2D`: layers at one resolution, then half of it.
 * @param padding Of the halving convolution; undefined at the coarsest level, which is not halved.
 */
export function downBlock2d(
  g: GraphBuilder,
  map: FeatureMap,
  name: string,
  block: BlockSettings,
  padding: number | undefined,
  conditions: Conditions,
): DownBlockResult {
  const skips: FeatureMap[] = [];
  let x = map; // [batch, in, height, width]
  for (let layer = 0; layer < block.layers; layer++) {
    x = unetLayer(g, x, name, layer, block, conditions); // [batch, channels, height, width]
    skips.push(x);
  }
  if (padding === undefined) return { last: x, skips };
  const half = downsample2d(g, x.map, `${name}.downsamplers.0`, x.channels, padding); // [batch, channels, height / 2, width / 2]
  const halved = { ...x, map: half };
  return { last: halved, skips: [...skips, halved] };
}

/**
 * diffusers' `CrossAttnUpBlock2D` and `UpBlock2D`: each layer sees the map and, beside it, what the way down had at the same
 * resolution. That is what makes the network a U: detail need not pass through its narrow bottom.
 *
 * @param skips What the layers see, in their order.
 * @param target A map of the size to grow to; undefined at the finest level.
 */
export function upBlock2d(
  g: GraphBuilder,
  map: FeatureMap,
  name: string,
  block: BlockSettings,
  { skips, target }: { readonly skips: readonly FeatureMap[]; readonly target: FeatureMap | undefined },
  conditions: Conditions,
): FeatureMap {
  let x = map; // [batch, in, height, width]
  for (const [layer, skip] of skips.entries()) {
    const both = { map: g.concat([x.map, skip.map], 1), channels: x.channels + skip.channels }; // [batch, in + skip's, height, width]
    x = unetLayer(g, both, name, layer, block, conditions); // [batch, channels, height, width]
  }
  if (target === undefined) return x;
  return { ...x, map: upsample2dTo(g, x.map, `${name}.upsamplers.0`, x.channels, target.map) };
}

/**
 * diffusers' `UNetMidBlock2DCrossAttn`: residual block, transformer, residual block at the coarsest resolution. Without a
 * transformer, `UNetMidBlock2D` as a U-Net of this kind has it: the first residual block alone.
 */
export function midBlock2d(
  g: GraphBuilder,
  map: FeatureMap,
  name: string,
  { channels, resnet, transformer }: BlockSettings,
  { time, text, imagePrompt }: Conditions,
): FeatureMap {
  const before = resnetBlock2d(g, map, `${name}.resnets.0`, channels, resnet, time); // [batch, channels, height, width]
  if (transformer === undefined) return before;
  const read = transformer2d(g, before, `${name}.attentions.0`, text, { ...transformer, imagePrompt });
  return resnetBlock2d(g, read, `${name}.resnets.1`, channels, resnet, time);
}

/** A residual block and, where the level reads the text, a transformer: [batch, in, height, width] to [batch, channels, …]. */
function unetLayer(
  g: GraphBuilder,
  map: FeatureMap,
  name: string,
  layer: number,
  { channels, resnet, transformer }: BlockSettings,
  { time, text, imagePrompt }: Conditions,
): FeatureMap {
  const x = resnetBlock2d(g, map, `${name}.resnets.${layer}`, channels, resnet, time);
  if (transformer === undefined) return x;
  return transformer2d(g, x, `${name}.attentions.${layer}`, text, { ...transformer, imagePrompt });
}
