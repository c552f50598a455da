import type { GraphBuilder } from "../graph/graph-builder.ts";
import type { EncoderConfig, UnetLevel } from "../unet-2d-condition-config.ts";
import type { FeatureMap } from "./token-sequence.ts";
import { type BlockSettings, type Conditions, type DownBlockResult, downBlock2d, midBlock2d } from "./unet-blocks.ts";

/** The way down, shared by U-Net and ControlNet: all blocks from the finest level to the coarsest. */
export function unetEncoder(
  g: GraphBuilder,
  map: FeatureMap,
  config: EncoderConfig,
  conditions: Conditions,
): DownBlockResult {
  let x = map; // [batch, channels of the finest level, height, width]
  const skips = [map];
  for (const [i, level] of config.levels.entries()) {
    const block = blockSettings(config, level, config.down_block_types[i] === "CrossAttnDownBlock2D");
    const padding = i < config.levels.length - 1 ? config.downsample_padding : undefined;
    const down = downBlock2d(g, x, `down_blocks.${i}`, block, padding, conditions);
    skips.push(...down.skips);
    x = down.last;
  }
  return { last: x, skips };
}

/** The bottom of the U; some distilled models have none. */
export function unetMiddle(
  g: GraphBuilder,
  map: FeatureMap,
  config: EncoderConfig,
  conditions: Conditions,
): FeatureMap {
  if (config.mid_block_type === null) return map;
  const coarsest = { ...config.levels[config.levels.length - 1]!, isOnlyCross: false }; // a config has a level
  const block = blockSettings(config, coarsest, config.mid_block_type === "UNetMidBlock2DCrossAttn");
  return midBlock2d(g, map, "mid_block", block, conditions);
}

/** What the blocks of a level have in common. */
export function blockSettings(config: EncoderConfig, level: UnetLevel, readsText: boolean): BlockSettings {
  const { norm_num_groups: groups, norm_eps: epsilon, act_fn: activation, use_linear_projection: isLinear } = config;
  const { channels, layers, heads, isOnlyCross } = level;
  return {
    channels,
    layers,
    resnet: { groups, epsilon, activation, isScaledByTime: config.resnet_time_scale_shift === "scale_shift" },
    transformer: readsText ? { heads, groups, isLinear, isOnlyCross } : undefined,
  };
}

/** A feature map's channels and how often it was halved. */
export interface SkipShape {
  readonly channels: number;
  readonly halvings: number;
}

/** Of the maps `unetEncoder` answers as skips, in their order. */
export function skipShapes({ levels }: Pick<EncoderConfig, "levels">): readonly SkipShape[] {
  const first = { channels: levels[0]!.channels, halvings: 0 }; // a config has a level
  const perLevel = levels.flatMap(({ channels, layers }, halvings) => [
    ...Array.from({ length: layers }, () => ({ channels, halvings })),
    ...(halvings < levels.length - 1 ? [{ channels, halvings: halvings + 1 }] : []),
  ]);
  return [first, ...perLevel];
}
