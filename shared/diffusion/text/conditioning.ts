import type { LongPrompts } from "./prompt-chunks.ts";

/** A prompt as the denoiser reads it. */
export interface PromptEmbedding {
  /** [tokens, width] hidden states. */
  readonly hidden: Float32Array;
  /** A multiple of the encoder's length: 77 for one chunk. */
  readonly tokens: number;
  readonly width: number;
  /** [projection] of the prompt as a whole, for families that want one (SDXL). */
  readonly pooled: Float32Array | undefined;
  /** [tokens of all pictures, width] of what is read beside the words; width is the words'. */
  readonly picture?: Float32Array | undefined;
}

/** What the denoiser is conditioned on. Both embeddings have the same number of tokens. */
export interface Conditioning {
  readonly prompt: PromptEmbedding;
  /** Present exactly when classifier-free guidance runs. */
  readonly negative: PromptEmbedding | undefined;
  /** How much the pictures of both count, 1 as trained. Default 0. */
  readonly pictureStrength?: number | undefined;
}

/** Pictures as a prompt. */
export interface PicturePrompt {
  /** At least one, [3, side, side] each, 0 to 1, of the side that the model's image encoder sees. */
  readonly pictures: readonly Float32Array[];
  /** How much they count beside the words, 0 to 1. */
  readonly strength: number;
}

export interface EncodePromptsOptions {
  readonly prompt: string;
  /** Undefined: there is none, which some families tell from an empty one. */
  readonly negativePrompt?: string | undefined;
  /** Without guidance the negative prompt is not read. */
  readonly isGuided: boolean;
  readonly longPrompts: LongPrompts;
  /** Layers of the text encoder left out at its end, for the prompt only. Default 0. */
  readonly clipSkip?: number | undefined;
  /** For models that were opened with an IP-Adapter. */
  readonly picturePrompt?: PicturePrompt | undefined;
}
