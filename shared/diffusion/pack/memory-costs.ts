import type { MemoryCost } from "../../protocol/models/memory-facts.ts";

/** What config.json says of a denoiser's levels, finest first. Missing where a pack's maker wrote none. */
export interface DenoiserLevels {
  readonly block_out_channels?: readonly number[] | undefined;
  readonly down_block_types?: readonly string[] | undefined;
  /** Heads for all levels or for each: diffusers' name for their number. */
  readonly attention_head_dim?: number | readonly number[] | null | undefined;
  readonly num_attention_heads?: number | readonly number[] | null | undefined;
}

/** What config.json says of an autoencoder's levels, finest first. */
export interface AutoencoderLevels {
  readonly block_out_channels?: readonly number[] | undefined;
  readonly mid_block_add_attention?: boolean | undefined;
}

/** Graphs compute in 32 bits, whatever their weights are stored in. */
const VALUE_BYTES = 4;
/** Every head's scores exist twice: before and after the softmax. */
const SCORE_BYTES = 2 * VALUE_BYTES;
/** Pictures of the finest level's width that a denoiser holds at once: skip connections, and a feed-forward of eight times the width. */
const DENOISER_TENSORS = 24;
/** Pictures of full size that a decoder holds at once: before a convolution, after it, what is added to it, and its layout. */
const DECODER_TENSORS = 4;
/** diffusers' own defaults of UNet2DConditionModel and AutoencoderKL. */
const DEFAULT_HEADS = 8;
const DEFAULT_DENOISER_WIDTH = 320;
const DEFAULT_AUTOENCODER_WIDTHS = [128, 256];

/** A level's cells are a quarter of the finer one's; attention at level l compares (n / 4^l)² pairs. */
export function denoiserCost(levels: DenoiserLevels): MemoryCost {
  const types = levels.down_block_types ?? [];
  const firstAttending = types.findIndex((type) => type.includes("Attn"));
  // Home-made packs say nothing of their levels; attention at the finest is what makes denoisers slow, so few have it.
  const level = firstAttending >= 0 ? firstAttending : 1;
  const heads = levels.num_attention_heads ?? levels.attention_head_dim ?? DEFAULT_HEADS;
  const headCount = typeof heads === "number" ? heads : (heads[level] ?? DEFAULT_HEADS);
  return {
    perCell: (levels.block_out_channels?.[0] ?? DEFAULT_DENOISER_WIDTH) * DENOISER_TENSORS * VALUE_BYTES,
    perCellPair: (headCount * SCORE_BYTES) / 16 ** level,
  };
}

/**
 * The scores of a transformer in which all tokens look at all others, where a device holds them: of `cells` latent cells a token,
 * and of a prompt of as many tokens as `words`. (n / cells + words)² without words², which is little.
 */
export function scoreCost({
  heads,
  words,
  cells = 1,
}: {
  readonly heads: number;
  readonly words: number;
  readonly cells?: number;
}): MemoryCost {
  const bytes = heads * SCORE_BYTES;
  return { perCell: (bytes * 2 * words) / cells, perCellPair: bytes / cells ** 2 };
}

/**
 * A denoiser's with ControlNets beside it. Each is the denoiser's own encoder, where its memory peaks, over the same rows, and
 * keeps what it took.
 */
export function controlledCost({ perCell, perCellPair }: MemoryCost, controlNets: number): MemoryCost {
  return { perCell: perCell * (1 + controlNets), perCellPair: perCellPair * (1 + controlNets) };
}

/** The decoder's: the encoder takes less. */
export function autoencoderCost(levels: AutoencoderLevels, latentScale: number): MemoryCost {
  const widths = levels.block_out_channels ?? DEFAULT_AUTOENCODER_WIDTHS;
  // The finest level begins with what the one below it is enlarged to.
  const width = widths[1] ?? widths[0] ?? 0;
  return {
    perCell: width * latentScale ** 2 * DECODER_TENSORS * VALUE_BYTES,
    // One head over the latent cells, in the middle.
    perCellPair: levels.mid_block_add_attention === false ? 0 : SCORE_BYTES,
  };
}
