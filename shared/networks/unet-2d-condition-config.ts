import { z } from "zod";
import { activationSchema } from "./blocks/activation.ts";
import { type ConfigRules, parseNetworkConfig, refused } from "./network-config.ts";

const count = z.int().positive();
/** One value for all levels, or one a level. */
const perLevel = <Item extends z.ZodType>(item: Item) => z.union([item, z.array(item)]);

/** Fields that a U-Net and its ControlNet share, with the defaults of diffusers' classes. */
const encoderFields = {
  in_channels: count.default(4),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().default(0),
  down_block_types: z
    .array(z.enum(["CrossAttnDownBlock2D", "DownBlock2D"]))
    .default(["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"]),
  mid_block_type: z.enum(["UNetMidBlock2DCrossAttn", "UNetMidBlock2D"]).nullable().default("UNetMidBlock2DCrossAttn"),
  only_cross_attention: perLevel(z.boolean()).default(false),
  block_out_channels: z.array(count).min(1).default([320, 640, 1280, 1280]),
  layers_per_block: perLevel(count).default(2),
  downsample_padding: z.int().min(0).default(1),
  act_fn: activationSchema.default("silu"),
  norm_num_groups: count.default(32),
  norm_eps: z.number().positive().default(1e-5),
  cross_attention_dim: perLevel(count).default(1280),
  /** The number of heads, in spite of its name: https://github.com/huggingface/diffusers/issues/2011. */
  attention_head_dim: perLevel(count).default(8),
  num_attention_heads: perLevel(count).nullable().default(null),
  use_linear_projection: z.boolean().default(false),
  resnet_time_scale_shift: z.enum(["default", "scale_shift"]).default("default"),
  class_embed_type: z.enum(["timestep", "projection"]).nullable().default(null),
  num_class_embeds: count.nullable().default(null),
  addition_embed_type: z.literal("text_time").nullable().default(null),
  addition_time_embed_dim: count.nullable().default(null),
  projection_class_embeddings_input_dim: count.nullable().default(null),
};

const encoderFixed = {
  mid_block_scale_factor: 1,
  encoder_hid_dim: null,
  encoder_hid_dim_type: null,
};

/** Depths are read from the weights; upcasting matters to half precision in PyTorch. */
const encoderIrrelevant = ["transformer_layers_per_block", "upcast_attention", "addition_embed_type_num_heads"];

const unetFields = {
  ...encoderFields,
  out_channels: count.default(4),
  up_block_types: z
    .array(z.enum(["CrossAttnUpBlock2D", "UpBlock2D"]))
    .default(["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]),
  time_cond_proj_dim: count.nullable().default(null),
};

const unetRules: ConfigRules<typeof unetFields> = {
  network: "U-Net",
  fields: unetFields,
  fixed: {
    ...encoderFixed,
    center_input_sample: false,
    dual_cross_attention: false,
    resnet_skip_time_act: false,
    resnet_out_scale_factor: 1,
    time_embedding_type: "positional",
    time_embedding_dim: null,
    time_embedding_act_fn: null,
    timestep_post_act: null,
    conv_in_kernel: 3,
    conv_out_kernel: 3,
    attention_type: "default",
    class_embeddings_concat: false,
    mid_block_only_cross_attention: null,
    cross_attention_norm: null,
  },
  irrelevant: [...encoderIrrelevant, "sample_size", "dropout", "reverse_transformer_layers_per_block"],
};

const controlNetFields = {
  ...encoderFields,
  conditioning_channels: count.default(3),
  controlnet_conditioning_channel_order: z.enum(["rgb", "bgr"]).default("rgb"),
  conditioning_embedding_out_channels: z.array(count).min(1).default([16, 32, 96, 256]),
  global_pool_conditions: z.boolean().default(false),
};

const controlNetRules: ConfigRules<typeof controlNetFields> = {
  network: "ControlNet",
  fields: controlNetFields,
  fixed: encoderFixed,
  irrelevant: [...encoderIrrelevant, "sample_size"],
};

/** One resolution of the U-Net, counted from the finest. */
export interface UnetLevel {
  readonly channels: number;
  readonly layers: number;
  readonly heads: number;
  readonly isOnlyCross: boolean;
}

interface LevelFields {
  readonly block_out_channels: readonly number[];
  readonly layers_per_block: number | readonly number[];
  readonly attention_head_dim: number | readonly number[];
  readonly num_attention_heads: number | readonly number[] | null;
  readonly cross_attention_dim: number | readonly number[];
  readonly only_cross_attention: boolean | readonly boolean[];
  readonly down_block_types: readonly string[];
  readonly addition_embed_type: string | null;
  readonly addition_time_embed_dim: number | null;
}

/** What follows from several fields. */
interface Derived {
  readonly levels: readonly UnetLevel[];
  /** Of the text, which is the same for all levels. */
  readonly cross_attention_dim: number;
}

export type Unet2dConditionConfig = Omit<z.output<z.ZodObject<typeof unetFields>>, keyof Derived> & Derived;
export type ControlNetConfig = Omit<z.output<z.ZodObject<typeof controlNetFields>>, keyof Derived> & Derived;

/** The fields that describe the way down, which a U-Net and its ControlNet have in common. */
export type EncoderConfig = Omit<z.output<z.ZodObject<typeof encoderFields>>, keyof Derived> & Derived;

/** Reads the config.json of a `UNet2DConditionModel`. Throws OverpaintError `unsupported-model` naming field and value. */
export function parseUnet2dConditionConfig(config: Readonly<Record<string, unknown>>): Unet2dConditionConfig {
  const parsed = parseNetworkConfig(unetRules, config);
  const { up_block_types: up } = parsed;
  if (up.length !== parsed.block_out_channels.length) throw refused("U-Net", "up_block_types", up, oneALevel(parsed));
  return { ...parsed, levels: levelsOf("U-Net", parsed), cross_attention_dim: textWidthOf("U-Net", parsed) };
}

/** Reads the config.json of a `ControlNetModel`. Throws OverpaintError `unsupported-model` naming field and value. */
export function parseControlNetConfig(config: Readonly<Record<string, unknown>>): ControlNetConfig {
  const parsed = parseNetworkConfig(controlNetRules, config);
  return { ...parsed, levels: levelsOf("ControlNet", parsed), cross_attention_dim: textWidthOf("ControlNet", parsed) };
}

function levelsOf(network: string, config: LevelFields): readonly UnetLevel[] {
  if (config.addition_embed_type !== null && config.addition_time_embed_dim === null)
    throw refused(network, "addition_time_embed_dim", null, "Expected is a number, since there are added time ids.");
  const headsField = config.num_attention_heads === null ? "attention_head_dim" : "num_attention_heads";
  const at = <Item>(field: string, value: Item | readonly Item[], level: number): Item => {
    if (!Array.isArray(value)) return value as Item;
    if (value.length !== config.block_out_channels.length) throw refused(network, field, value, oneALevel(config));
    return value[level] as Item;
  };
  return config.block_out_channels.map((channels, level) => {
    at("down_block_types", config.down_block_types, level);
    return {
      channels,
      layers: at<number>("layers_per_block", config.layers_per_block, level),
      heads: at<number>(headsField, config.num_attention_heads ?? config.attention_head_dim, level),
      isOnlyCross: at<boolean>("only_cross_attention", config.only_cross_attention, level),
    };
  });
}

function textWidthOf(network: string, config: LevelFields): number {
  const { cross_attention_dim: widths } = config;
  const [width, ...others] = typeof widths === "number" ? [widths] : widths;
  if (typeof widths !== "number" && widths.length !== config.block_out_channels.length)
    throw refused(network, "cross_attention_dim", widths, oneALevel(config));
  if (width === undefined || others.some((other) => other !== width))
    throw refused(network, "cross_attention_dim", widths, "All levels read one text, which has one width.");
  return width;
}

function oneALevel({ block_out_channels: channels }: Pick<LevelFields, "block_out_channels">): string {
  return `Expected is one a level, of which block_out_channels lists ${channels.length}.`;
}
