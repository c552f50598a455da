import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorTable } from "../tensor-table.ts";
import { Structure, sameOrAll } from "./structure.ts";

/** Heads of every level where the transformers' projections are convolutions: Stable Diffusion 1, and the x4 upscaler. */
const HEADS = 8;
/** Width of a head where they are linear layers: Stable Diffusion 2 and XL. */
const HEAD_WIDTH = 64;
/** Every published model has as many groups in its norms. No shape tells. */
const NORM_GROUPS = 32;

/** Width of one embedded size or crop, where no text encoder tells how much of the whole is the pooled prompt's. */
const TIME_ID_WIDTH = 256;

/** What XL's U-Net is told beside the prompt: the pooled prompt, and `count` numbers. */
export interface TimeIds {
  readonly pooledWidth: number;
  /** Sizes and crop are 6; the refiner has an aesthetic score in the place of the target size: 5. */
  readonly count: number;
}

/** diffusers' config of a U-Net or ControlNet, as far as weights tell it, in its names. */
export interface UnetConfig {
  readonly in_channels: number;
  /** Absent for a ControlNet. */
  readonly out_channels?: number;
  readonly block_out_channels: readonly number[];
  readonly down_block_types: readonly string[];
  readonly mid_block_type: string | null;
  readonly up_block_types?: readonly string[];
  readonly layers_per_block: number | readonly number[];
  readonly transformer_layers_per_block: DepthPerLevel;
  readonly reverse_transformer_layers_per_block?: DepthPerLevel;
  /** Absent where nothing looks at a prompt. */
  readonly cross_attention_dim?: number;
  readonly use_linear_projection: boolean;
  readonly only_cross_attention: boolean | readonly boolean[];
  /** Number of heads, not their width: diffusers' own slip. */
  readonly attention_head_dim: number | readonly number[];
  readonly norm_num_groups: number;
  readonly num_class_embeds?: number;
  readonly class_embed_type?: string;
  readonly addition_embed_type?: string;
  readonly addition_time_embed_dim?: number;
  readonly projection_class_embeddings_input_dim?: number;
  readonly time_cond_proj_dim?: number;
  readonly conditioning_embedding_out_channels?: readonly number[];
  readonly conditioning_channels?: number;
}
type DepthPerLevel = number | readonly (number | readonly number[])[];

/**
 * The config of a U-Net or ControlNet from its weights' names and shapes. What no shape tells follows the family's
 * convention: heads, norm groups.
 *
 * Throws OverpaintError `damaged-model` naming the first weight that every such network has and this one lacks.
 */
export function inferUnetConfig(weights: TensorTable, timeIds?: TimeIds): UnetConfig {
  const unet = new Structure(weights);
  const required = (name: string, axis: number): number => unet.dim(name, axis) ?? missing(name);
  const levels = unet.count("down_blocks.");
  const indices = Array.from({ length: levels }, (_, level) => level);
  const channels = indices.map((level) => required(`down_blocks.${level}.resnets.0.conv2.weight`, 0));
  const layers = indices.map((level) => unet.count(`down_blocks.${level}.resnets.`));
  if (levels === 0) missing("down_blocks.0.resnets.0.conv1.weight");
  const firstTransformer = ["down_blocks", "up_blocks"]
    .flatMap((side) => indices.map((level) => `${side}.${level}.attentions.0.`))
    .concat("mid_block.attentions.0.")
    .find((prefix) => unet.hasBelow(`${prefix}transformer_blocks.`));
  const crossWidth = unet.dim(`${firstTransformer}transformer_blocks.0.attn2.to_k.weight`, 1);
  const isLinear = unet.rank(`${firstTransformer}proj_in.weight`) === 2;
  const isUpscaler = unet.has("class_embedding.weight");
  const hasControl = unet.hasBelow("controlnet_");

  const attends = (side: string) => indices.map((level) => unet.hasBelow(`${side}.${level}.attentions.`));
  const down = attends("down_blocks");
  return {
    in_channels: required("conv_in.weight", 1),
    ...(!hasControl && { out_channels: required("conv_out.weight", 0) }),
    block_out_channels: channels,
    down_block_types: down.map((isAttending) => (isAttending ? "CrossAttnDownBlock2D" : "DownBlock2D")),
    mid_block_type: midBlockType(unet),
    ...(!hasControl && {
      up_block_types: attends("up_blocks").map((isAttending) => (isAttending ? "CrossAttnUpBlock2D" : "UpBlock2D")),
    }),
    layers_per_block: sameOrAll(layers),
    ...depths(unet, indices, hasControl),
    ...(crossWidth !== undefined && { cross_attention_dim: crossWidth }),
    use_linear_projection: isLinear,
    only_cross_attention: sameOrAll(onlyCrossAttention(unet, channels, crossWidth, isUpscaler)),
    attention_head_dim:
      isLinear && !isUpscaler ? channels.map((width) => Math.max(1, Math.floor(width / HEAD_WIDTH))) : HEADS,
    norm_num_groups: NORM_GROUPS,
    ...embeddings(unet, timeIds),
    ...(hasControl && controlConfig(unet)),
  };
}

function midBlockType(unet: Structure): string | null {
  if (unet.hasBelow("mid_block.attentions.")) return "UNetMidBlock2DCrossAttn";
  return unet.hasBelow("mid_block.resnets.") ? "UNetMidBlock2D" : null;
}

/** Transformer blocks per attention: one number a level, or one a layer where a level's differ; 1 where there is none. */
function depths(unet: Structure, levels: readonly number[], hasControl: boolean) {
  const depthOf = (level: string): number | readonly number[] | undefined => {
    const attentions = Array.from({ length: unet.count(`${level}attentions.`) }, (_, layer) =>
      unet.count(`${level}attentions.${layer}.transformer_blocks.`),
    );
    return attentions.length === 0 ? undefined : sameOrAll(attentions);
  };
  const down = levels.map((level) => depthOf(`down_blocks.${level}.`));
  const up = levels.map((level) => depthOf(`up_blocks.${level}.`));
  // diffusers takes the middle's depth from the last level, which may have no attention of its own.
  const last = levels.length - 1;
  down[last] ??= unet.count("mid_block.attentions.0.transformer_blocks.") || undefined;
  const isMirrored = up.every((depth, level) => depth === undefined || isSame(depth, down[last - level]));
  return {
    transformer_layers_per_block: depthPerLevel(down),
    ...(!hasControl && !isMirrored && { reverse_transformer_layers_per_block: up.map((depth) => depth ?? 1) }),
  };
}

function depthPerLevel(depths: readonly (number | readonly number[] | undefined)[]): DepthPerLevel {
  const [first, ...others] = depths.filter((depth) => depth !== undefined);
  if (typeof first === "number" && others.every((depth) => depth === first)) return first;
  return depths.map((depth) => depth ?? 1);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Levels whose first attention looks at the prompt instead of at the picture: its keys are as wide as the prompt. Where the
 * level itself is as wide, the other levels tell; where none does, the x4 upscaler has all such but the last.
 */
function onlyCrossAttention(
  unet: Structure,
  channels: readonly number[],
  crossWidth: number | undefined,
  isUpscaler: boolean,
): readonly boolean[] {
  const told = channels.map((width, level) => {
    const keys = unet.dim(`down_blocks.${level}.attentions.0.transformer_blocks.0.attn1.to_k.weight`, 1);
    return keys === undefined || width === crossWidth ? undefined : keys === crossWidth;
  });
  const isUsual = told.slice(0, -1).find((only) => only !== undefined) ?? isUpscaler;
  return told.map((only, level) => only ?? (isUsual && level < channels.length - 1));
}

function embeddings(unet: Structure, timeIds: TimeIds | undefined) {
  const classes = unet.dim("class_embedding.weight", 0);
  const addedWidth = unet.dim("add_embedding.linear_1.weight", 1);
  const guidanceWidth = unet.dim("time_embedding.cond_proj.weight", 1);
  return {
    ...(classes !== undefined && { num_class_embeds: classes }),
    ...(addedWidth !== undefined && {
      addition_embed_type: "text_time",
      addition_time_embed_dim: timeIds ? timeIdWidth(addedWidth, timeIds) : TIME_ID_WIDTH,
      projection_class_embeddings_input_dim: addedWidth,
    }),
    ...(guidanceWidth !== undefined && { time_cond_proj_dim: guidanceWidth }),
  };
}

function timeIdWidth(addedWidth: number, { pooledWidth, count }: TimeIds): number {
  const width = (addedWidth - pooledWidth) / count;
  if (Number.isInteger(width) && width > 0) return width;
  throw new OverpaintError(
    "damaged-model",
    `The U-Net takes ${addedWidth} values beside the prompt, which are not ${pooledWidth} of the text encoder and ${count} equal parts.`,
    "The file joins parts of different models. Choose another one.",
  );
}

/** The picture's way into a ControlNet: from its pixels to the first level's width. */
function controlConfig(control: Structure) {
  const blocks = control.count("controlnet_cond_embedding.blocks.");
  const first = control.dim("controlnet_cond_embedding.conv_in.weight", 0);
  const pixels = control.dim("controlnet_cond_embedding.conv_in.weight", 1);
  // Two convolutions a step, of which the second has the next width.
  const widths = Array.from({ length: blocks / 2 }, (_, step) =>
    control.dim(`controlnet_cond_embedding.blocks.${2 * step + 1}.weight`, 0),
  );
  if (first === undefined || pixels === undefined) missing("controlnet_cond_embedding.conv_in.weight");
  return {
    conditioning_channels: pixels,
    conditioning_embedding_out_channels: [first, ...widths.filter((width) => width !== undefined)],
  };
}

function missing(name: string): never {
  throw new OverpaintError(
    "damaged-model",
    `The denoiser lacks the weights "${name}", without which it is no U-Net of the Stable Diffusion family.`,
    "Choose the file of a whole model.",
  );
}
