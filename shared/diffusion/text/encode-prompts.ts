import type { Conditioning, EncodePromptsOptions, PromptEmbedding } from "./conditioning.ts";
import { emptyChunk, type LongPrompts, type PromptChunk, toPromptChunks } from "./prompt-chunks.ts";
import type { ClipEncoder, TextLayer } from "./text-encoder.ts";

/** What a family asks of its prompts. */
export interface PromptRules {
  /** Which layer its denoiser was trained on, with `skipped` more left out. */
  readonly layer: (skipped: number) => TextLayer;
  /** Zeroes stand for a missing negative prompt, instead of an empty one. */
  readonly zeroesMissingNegative: boolean;
  /** Tokens the denoiser reads, when their number is fixed. */
  readonly fixedTokens: number | undefined;
}

/** For denoisers that read none, and so have nothing to be guided by. */
const noPrompt: PromptEmbedding = { hidden: new Float32Array(0), tokens: 0, width: 0, pooled: undefined };

/**
 * Encodes prompt and negative prompt; the shorter one is filled up with empty chunks.
 *
 * @param encoders whose hidden states stand side by side
 */
export async function encodePrompts(
  encoders: readonly ClipEncoder[],
  rules: PromptRules,
  options: EncodePromptsOptions,
): Promise<Conditioning> {
  const { prompt, negativePrompt, isGuided, longPrompts, clipSkip = 0 } = options;
  if (encoders.length === 0) return { prompt: noPrompt, negative: undefined };
  const isZeroed = negativePrompt === undefined && rules.zeroesMissingNegative;

  const encoded = [];
  for (const encoder of encoders) {
    const tokenizer = await encoder.tokenizer();
    const chunksOf = (text: string) =>
      toPromptChunks(tokenizer, text, fittingMode(rules, longPrompts, tokenizer.maxLength));
    const chunks = chunksOf(prompt);
    const negativeChunks = isGuided && !isZeroed ? chunksOf(negativePrompt ?? "") : [];
    while (chunks.length < negativeChunks.length) chunks.push(emptyChunk(tokenizer));
    while (isGuided && !isZeroed && negativeChunks.length < chunks.length) negativeChunks.push(emptyChunk(tokenizer));
    encoded.push({
      prompt: await encodeChunks(encoder, chunks, rules.layer(clipSkip)),
      negative: negativeChunks.length > 0 ? await encodeChunks(encoder, negativeChunks, rules.layer(0)) : undefined,
    });
  }

  const joined = joinEncoders(encoded.map((part) => part.prompt));
  const negatives = encoded.flatMap((part) => part.negative ?? []);
  if (!isGuided) return { prompt: joined, negative: undefined };
  return { prompt: joined, negative: negatives.length > 0 ? joinEncoders(negatives) : zeroes(joined) };
}

/** A denoiser exported for a fixed number of tokens reads one chunk only. */
function fittingMode({ fixedTokens }: PromptRules, longPrompts: LongPrompts, maxLength: number): LongPrompts {
  return fixedTokens !== undefined && fixedTokens <= maxLength ? "truncate" : longPrompts;
}

/** Encodes chunk after chunk, joins them along the tokens and applies the weights. The first chunk is pooled. */
async function encodeChunks(
  encoder: ClipEncoder,
  chunks: readonly PromptChunk[],
  layer: TextLayer,
): Promise<PromptEmbedding> {
  const parts = [];
  for (const { ids } of chunks) parts.push(await encoder.encode(ids, layer));
  const { width, pooled } = parts[0]!;
  const weights = chunks.flatMap((chunk) => chunk.weights);
  const hidden = new Float32Array(weights.length * width);
  let offset = 0;
  for (const part of parts) {
    hidden.set(part.hidden, offset);
    offset += part.hidden.length;
  }
  applyWeights(hidden, weights, width);
  return { hidden, tokens: weights.length, width, pooled };
}

/** Weights of both signs can bring the mean near zero; it is not restored where that would scale everything beyond this. */
const MAX_RESTORING = 1000;

/**
 * Multiplies each token's hidden state by its weight, then all of them so that their mean is what it was, where it can be.
 *
 * Reference: `get_weighted_text_embeddings` of diffusers' community pipeline `lpw_stable_diffusion`.
 */
function applyWeights(hidden: Float32Array, weights: readonly number[], width: number): void {
  if (weights.every((weight) => weight === 1)) return;
  const meanBefore = mean(hidden);
  for (let i = 0; i < hidden.length; i++) hidden[i] = hidden[i]! * weights[Math.floor(i / width)]!;
  const scale = meanBefore / mean(hidden);
  if (!(Math.abs(scale) <= MAX_RESTORING)) return;
  for (let i = 0; i < hidden.length; i++) hidden[i] = hidden[i]! * scale;
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Puts the encoders' hidden states of each token side by side; the last encoder's pooled embedding stands for both. */
function joinEncoders(embeddings: readonly PromptEmbedding[]): PromptEmbedding {
  const [only, ...others] = embeddings;
  if (only && others.length === 0) return only;
  const tokens = Math.min(...embeddings.map((embedding) => embedding.tokens));
  const width = embeddings.reduce((sum, embedding) => sum + embedding.width, 0);
  const hidden = new Float32Array(tokens * width);
  let column = 0;
  for (const embedding of embeddings) {
    for (let token = 0; token < tokens; token++) {
      const row = embedding.hidden.subarray(token * embedding.width, (token + 1) * embedding.width);
      hidden.set(row, token * width + column);
    }
    column += embedding.width;
  }
  return { hidden, tokens, width, pooled: embeddings.at(-1)?.pooled };
}

function zeroes({ hidden, tokens, width, pooled }: PromptEmbedding): PromptEmbedding {
  return { hidden: new Float32Array(hidden.length), tokens, width, pooled: pooled && new Float32Array(pooled.length) };
}
