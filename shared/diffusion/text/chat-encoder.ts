import type { ModelSession, Tensor } from "../model-session.ts";
import { rotaryTables } from "../models/transformer/rotary-tables.ts";
import { toFloats } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";
import type { ChatTokens } from "./chat-tokenizer.ts";
import type { PromptEmbedding } from "./conditioning.ts";

/** What of a Qwen3 text encoder's config its inputs depend on. */
export interface ChatEncoderConfig {
  readonly head_dim: number;
  readonly rope_theta: number;
}

/** What is added to the scores of tokens that must not be seen; single precision's lowest number, as transformers has it. */
const UNSEEN = -3.402_823_466e38;

/**
 * Runs a Qwen3 text encoder (`buildQwen3`) on one text. Answers the hidden states of all its tokens, those that fill up too: they
 * see the text's own, and are not the same for every text.
 */
export async function encodeChat(
  session: ModelSession,
  tokens: ChatTokens,
  config: ChatEncoderConfig,
): Promise<PromptEmbedding> {
  const answer = await session.run(chatInputs(tokens, config));
  const output = Object.values(answer)[0]!; // a graph has an output
  const hidden = toFloats(output);
  requireFinite(hidden, { component: "text_encoder" }, []);
  return { hidden, tokens: tokens.ids.length, width: hidden.length / tokens.ids.length, pooled: undefined };
}

/** The inputs of a graph of `buildQwen3`. */
export function chatInputs(
  { ids, count }: ChatTokens,
  { head_dim: width, rope_theta: theta }: ChatEncoderConfig,
): Readonly<Record<string, Tensor>> {
  const length = ids.length;
  const bias = new Float32Array(length * length).fill(UNSEEN); // [1, 1, tokens, tokens]
  for (let row = 0; row < length; row++) bias.fill(0, row * length, row * length + Math.min(row + 1, count));
  const positions = ids.map((_, position) => [position]);
  return {
    input_ids: { type: "int64", dims: [1, length], data: BigInt64Array.from(ids, BigInt) },
    attention_bias: { type: "float32", dims: [1, 1, length, length], data: bias },
    ...rotaryTables(positions, { axes: [width], theta, rounded: "frequencies and angles" }),
  };
}
