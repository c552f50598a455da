/** A prompt as the denoiser reads it. */
export interface PromptEmbedding {
  /** [tokens, width] hidden states. */
  readonly hidden: Float32Array;
  /** A multiple of the encoder's length: 77 for one chunk. */
  readonly tokens: number;
  readonly width: number;
}

/** How prompts longer than the encoder's 77 tokens are read: cut off, as diffusers does, or chunk after chunk. */
export type LongPrompts = "truncate" | "chunks";
