import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelPack } from "../model-pack.ts";
import type { ModelSession, Tensor, ValueInfo } from "../model-session.ts";
import { fixedDimension, requireInput } from "../pack/graph-facts.ts";
import { toFloats } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";
import type { ClipTokenizer } from "./clip-tokenizer.ts";
import type { LongPrompts, PromptEmbedding } from "./prompt-embedding.ts";

export interface EncodePromptsOptions {
  readonly prompt: string;
  readonly negativePrompt: string;
  /** Without guidance the negative prompt is not read. */
  readonly isGuided: boolean;
  readonly longPrompts: LongPrompts;
}

/** What the denoiser is conditioned on. Both embeddings have the same number of tokens. */
export interface Conditioning {
  readonly prompt: PromptEmbedding;
  /** Present exactly when classifier-free guidance runs. */
  readonly negative: PromptEmbedding | undefined;
}

/** Encodes prompt and negative prompt; the shorter one is filled up with empty chunks. */
export async function encodePrompts(pack: ModelPack, options: EncodePromptsOptions): Promise<Conditioning> {
  const tokenizer = await pack.tokenizer("text_encoder");
  const promptChunks = toChunks(tokenizer, options.prompt, options.longPrompts);
  const negativeChunks = options.isGuided ? toChunks(tokenizer, options.negativePrompt, options.longPrompts) : [];
  const length = Math.max(promptChunks.length, negativeChunks.length);

  const encoder = await pack.session("text_encoder");
  const encode = async (chunks: readonly number[][]): Promise<PromptEmbedding> => {
    const filled = Array.from({ length }, (_, i) => tokenizer.toEncoderInput(chunks[i] ?? []));
    return await encodeChunks(encoder, filled);
  };
  return {
    prompt: await encode(promptChunks),
    negative: options.isGuided ? await encode(negativeChunks) : undefined,
  };
}

/** Token ids in pieces the encoder can read; at least one piece, which may be empty. */
function toChunks(tokenizer: ClipTokenizer, text: string, longPrompts: LongPrompts): number[][] {
  const ids = tokenizer.encode(text);
  const room = tokenizer.maxLength - 2;
  const chunks = [ids.slice(0, room)];
  if (longPrompts === "chunks")
    for (let start = room; start < ids.length; start += room) chunks.push(ids.slice(start, start + room));
  return chunks;
}

/** Runs the encoder on one chunk after the other and joins the hidden states along the tokens. */
async function encodeChunks(encoder: ModelSession, chunks: readonly (readonly number[])[]): Promise<PromptEmbedding> {
  const input = requireInput(encoder, "text_encoder", "input_ids"); // [batch, tokens]
  const parts: Float32Array[] = [];
  let width = 0;
  for (const ids of chunks) {
    const outputs = await encoder.run({ input_ids: toIdTensor(input, ids) });
    const hidden = outputs.last_hidden_state;
    if (!hidden)
      throw new OverpaintError(
        "unsupported-model",
        `The model's text_encoder has no output "last_hidden_state" (it has ${Object.keys(outputs).join(", ")}).`,
        "Export the model again in the layout of diffusers or Optimum.",
      );
    width = hidden.dims[2]!; // [batch, tokens, width]
    const values = toFloats(hidden).subarray(0, ids.length * width);
    requireFinite(values, "text_encoder");
    parts.push(values);
  }
  const tokens = parts.length * chunks[0]!.length;
  const hidden = new Float32Array(tokens * width);
  for (const [i, part] of parts.entries()) hidden.set(part, i * part.length);
  return { hidden, tokens, width };
}

/** Graphs exported at a fixed batch size get the same ids in every row. */
function toIdTensor(input: ValueInfo, ids: readonly number[]): Tensor {
  const batch = fixedDimension(input, 0) ?? 1;
  const rows = Array.from({ length: batch }, () => ids).flat();
  const dims = [batch, ids.length];
  if (input.type === "int32") return { type: "int32", dims, data: Int32Array.from(rows) };
  return { type: "int64", dims, data: BigInt64Array.from(rows, BigInt) };
}
