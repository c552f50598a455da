import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorTable } from "../tensor-table.ts";
import { Structure } from "./structure.ts";

const NORM_GROUPS = 32;

/** What an autoencoder's weights do not tell. */
export interface VaeConvention {
  /** What latents are multiplied by before the denoiser sees them. */
  readonly scalingFactor: number;
  /** Side of the pictures it was trained on. */
  readonly sampleSize: number;
}

/** diffusers' config of an AutoencoderKL, in its names. */
export interface VaeConfig {
  readonly in_channels: number;
  readonly out_channels: number;
  readonly block_out_channels: readonly number[];
  readonly down_block_types: readonly string[];
  readonly up_block_types: readonly string[];
  readonly layers_per_block: number;
  readonly latent_channels: number;
  readonly norm_num_groups: number;
  readonly act_fn: string;
  readonly sample_size: number;
  readonly scaling_factor: number;
  readonly mid_block_add_attention?: boolean;
  readonly use_quant_conv?: boolean;
  readonly use_post_quant_conv?: boolean;
}

/**
 * The config of an autoencoder from its weights' names and shapes. Throws OverpaintError `damaged-model` when it has no
 * decoder, without which nothing can be shown.
 */
export function inferVaeConfig(weights: TensorTable, convention: VaeConvention): VaeConfig {
  const vae = new Structure(weights);
  const levels = vae.count("decoder.up_blocks.");
  const latentChannels = vae.dim("decoder.conv_in.weight", 1);
  const colours = vae.dim("decoder.conv_out.weight", 0);
  const channels = Array.from({ length: levels }, (_, level) =>
    vae.dim(`decoder.up_blocks.${levels - 1 - level}.resnets.0.conv2.weight`, 0),
  ).filter((width) => width !== undefined);
  if (latentChannels === undefined || colours === undefined || channels.length !== levels || levels === 0)
    throw new OverpaintError("damaged-model", "The VAE has no whole decoder.", "Choose the file of a whole VAE.");
  const hasEncoder = vae.has("encoder.conv_in.weight");
  return {
    in_channels: vae.dim("encoder.conv_in.weight", 1) ?? colours,
    out_channels: colours,
    block_out_channels: channels,
    down_block_types: channels.map(() => "DownEncoderBlock2D"),
    up_block_types: channels.map(() => "UpDecoderBlock2D"),
    // The decoder has one more a level.
    layers_per_block: vae.count("decoder.up_blocks.0.resnets.") - 1,
    latent_channels: latentChannels,
    norm_num_groups: NORM_GROUPS,
    act_fn: "silu",
    sample_size: convention.sampleSize,
    scaling_factor: convention.scalingFactor,
    ...(!vae.hasBelow("decoder.mid_block.attentions.") && { mid_block_add_attention: false }),
    ...(hasEncoder && !vae.has("quant_conv.weight") && { use_quant_conv: false }),
    ...(!vae.has("post_quant_conv.weight") && { use_post_quant_conv: false }),
  };
}
