import { parsePromptWeights } from "../../protocol/text/prompt-weights.ts";
import type { ClipTokenizer } from "./clip-tokenizer.ts";

/** How prompts longer than the encoder's 77 tokens are read: cut off and taken literally, as diffusers does, or chunk
 * after chunk, with weights. */
export type LongPrompts = "truncate" | "chunks";

/** What the encoder reads at a time. */
export interface PromptChunk {
  /** `maxLength` ids, start and end token among them. */
  readonly ids: readonly number[];
  /** One weight for each id. */
  readonly weights: readonly number[];
}

/** Cuts a prompt into chunks of 75 tokens; at least one, which may be empty. */
export function toPromptChunks(tokenizer: ClipTokenizer, prompt: string, longPrompts: LongPrompts): PromptChunk[] {
  const room = tokenizer.maxLength - 2;
  const ids: number[] = [];
  const weights: number[] = [];
  const pieces = longPrompts === "chunks" ? parsePromptWeights(prompt) : [{ text: prompt, weight: 1 }];
  for (const { text, weight } of pieces)
    for (const id of tokenizer.encode(text)) {
      ids.push(id);
      weights.push(weight);
    }
  const count = longPrompts === "chunks" ? Math.max(1, Math.ceil(ids.length / room)) : 1;
  return Array.from({ length: count }, (_, i) => {
    const start = i * room;
    return toChunk(tokenizer, ids.slice(start, start + room), weights.slice(start, start + room));
  });
}

/** A chunk without words, which fills up the shorter of two prompts. */
export function emptyChunk(tokenizer: ClipTokenizer): PromptChunk {
  return toChunk(tokenizer, [], []);
}

function toChunk(tokenizer: ClipTokenizer, ids: readonly number[], weights: readonly number[]): PromptChunk {
  const padded = new Array<number>(tokenizer.maxLength).fill(1);
  for (const [i, weight] of weights.entries()) padded[i + 1] = weight; // The start token comes first.
  return { ids: tokenizer.toEncoderInput(ids), weights: padded };
}
