import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorTable } from "../tensor-table.ts";
import { Structure } from "./structure.ts";

/** diffusers' config of an AutoencoderTiny (TAESD), as far as its decoder tells it, in its names. */
export interface TinyVaeConfig {
  readonly in_channels: number;
  readonly out_channels: number;
  readonly latent_channels: number;
  readonly decoder_block_out_channels: readonly number[];
  readonly num_decoder_blocks: readonly number[];
  readonly encoder_block_out_channels?: readonly number[];
  readonly num_encoder_blocks?: readonly number[];
}

/**
 * The config of a tiny autoencoder from its weights. Both halves are rows of layers, where a convolution stands between the
 * blocks of one level and those of the next: blocks are counted from one convolution to the other.
 *
 * Throws OverpaintError `damaged-model` when there is no decoder.
 */
export function inferTinyVaeConfig(weights: TensorTable): TinyVaeConfig {
  const vae = new Structure(weights);
  const latentChannels = vae.dim("decoder.layers.0.weight", 1);
  const decoder = readRow(weights, "decoder");
  const colours = decoder.widths.at(-1);
  if (latentChannels === undefined || colours === undefined || decoder.blocks.length < 2)
    throw new OverpaintError("damaged-model", "The tiny VAE has no whole decoder.", "Download its file again.");
  const encoder = readRow(weights, "encoder");
  // The decoder begins with a convolution and ends its last level with one; the encoder has one before every level.
  return {
    in_channels: vae.dim("encoder.layers.0.weight", 1) ?? colours,
    out_channels: colours,
    latent_channels: latentChannels,
    decoder_block_out_channels: decoder.widths.slice(0, -1),
    num_decoder_blocks: decoder.blocks.slice(0, -1),
    ...(encoder.blocks.length > 1 && {
      encoder_block_out_channels: encoder.widths.slice(0, -1),
      num_encoder_blocks: encoder.blocks.slice(0, -1),
    }),
  };
}

/** Widths of a row's plain convolutions, and how many blocks follow each. */
function readRow(weights: TensorTable, half: "encoder" | "decoder") {
  const widths: number[] = [];
  const blocks: number[] = [];
  const last = [...weights.names()].reduce((max, name) => Math.max(max, layerOf(name, half)), -1);
  for (let layer = 0; layer <= last; layer++) {
    const width = weights.dims(`${half}.layers.${layer}.weight`)?.[0];
    const isBlock = weights.dims(`${half}.layers.${layer}.conv.0.weight`) !== undefined;
    if (width !== undefined) {
      widths.push(width);
      blocks.push(0);
    } else if (isBlock) blocks[blocks.length - 1] = (blocks.at(-1) ?? 0) + 1;
  }
  return { widths, blocks };
}

function layerOf(name: string, half: string): number {
  const prefix = `${half}.layers.`;
  return name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : -1;
}
