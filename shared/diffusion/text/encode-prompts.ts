import type { ModelPack } from "../model-pack.ts";
import type { Conditioning, EncodePromptsOptions, PromptEmbedding } from "./conditioning.ts";
import { emptyChunk, type LongPrompts, type PromptChunk, toPromptChunks } from "./prompt-chunks.ts";
import { encodeChunk, type TextEncoder, type TextLayer } from "./text-encoder.ts";

/** For denoisers that read none, and so have nothing to be guided by. */
const noPrompt: PromptEmbedding = { hidden: new Float32Array(0), tokens: 0, width: 0, pooled: undefined };

/** Encodes prompt and negative prompt; the shorter one is filled up with empty chunks. */
export async function encodePrompts(pack: ModelPack, options: EncodePromptsOptions): Promise<Conditioning> {
  const { prompt, negativePrompt, isGuided, longPrompts, clipSkip = 0 } = options;
  const encoders = (["text_encoder", "text_encoder_2"] as const).filter((name) => pack.description.graphs[name]);
  if (encoders.length === 0) return { prompt: noPrompt, negative: undefined };
  const isZeroed = negativePrompt === undefined && pack.description.zeroesEmptyPrompt;

  const encoded = [];
  for (const encoder of encoders) {
    const tokenizer = await pack.tokenizer(encoder);
    const chunksOf = (text: string) =>
      toPromptChunks(tokenizer, text, fittingMode(pack, longPrompts, tokenizer.maxLength));
    const chunks = chunksOf(prompt);
    const negativeChunks = isGuided && !isZeroed ? chunksOf(negativePrompt ?? "") : [];
    while (chunks.length < negativeChunks.length) chunks.push(emptyChunk(tokenizer));
    while (isGuided && !isZeroed && negativeChunks.length < chunks.length) negativeChunks.push(emptyChunk(tokenizer));
    encoded.push({
      prompt: await encodeChunks(pack, encoder, chunks, layerOf(pack, clipSkip)),
      negative:
        negativeChunks.length > 0 ? await encodeChunks(pack, encoder, negativeChunks, layerOf(pack, 0)) : undefined,
    });
  }

  const joined = joinEncoders(encoded.map((part) => part.prompt));
  const negatives = encoded.flatMap((part) => part.negative ?? []);
  if (!isGuided) return { prompt: joined, negative: undefined };
  return { prompt: joined, negative: negatives.length > 0 ? joinEncoders(negatives) : zeroes(joined) };
}

/** A denoiser exported for a fixed number of tokens reads one chunk only. */
function fittingMode(pack: ModelPack, longPrompts: LongPrompts, maxLength: number): LongPrompts {
  const { fixedTokens } = pack.graph;
  return fixedTokens !== undefined && fixedTokens <= maxLength ? "truncate" : longPrompts;
}

/** SDXL was trained on the last layer but one, before the final norm; the others on the last, after it. */
function layerOf(pack: ModelPack, clipSkip: number): TextLayer {
  if (pack.description.family === "stable-diffusion-xl") return { skipped: clipSkip + 1, isNormed: false };
  return { skipped: clipSkip, isNormed: true };
}

/** Encodes chunk after chunk, joins them along the tokens and applies the weights. The first chunk is pooled. */
async function encodeChunks(
  pack: ModelPack,
  encoder: TextEncoder,
  chunks: readonly PromptChunk[],
  layer: TextLayer,
): Promise<PromptEmbedding> {
  const parts = [];
  for (const { ids } of chunks) parts.push(await encodeChunk(pack, encoder, ids, layer));
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
