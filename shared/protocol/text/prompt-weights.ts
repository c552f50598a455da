/** A piece of a prompt and how much it counts. */
export interface WeightedText {
  readonly text: string;
  readonly weight: number;
}

/** What plain round and square brackets do to the weight of what they hold. */
const EMPHASIS = 1.1;

/** No piece weighs more, or less than its negative: far beyond what models follow, far within float32. */
export const MAX_WEIGHT = 100;
/** Bound of weights while brackets are still open, which keeps products of two of them numbers. */
const MAX_PRODUCT = 1e100;

/** Escapes, brackets, an explicit weight with its closing bracket, runs of plain text, a lone colon. */
const PIECES = /\\[\\()[\]]|\\|\(|\[|:([+-]?(?:\d+\.?\d*|\.\d+))\)|\)|\]|[^\\()[\]:]+|:/g;

/**
 * Reads the weights in a prompt: `(word)` × 1.1, `[word]` ÷ 1.1, `(word:1.3)` × 1.3, nested at will; `\(` is a bracket.
 * A bracket that is never closed holds the rest of the prompt. Weights stay within ±`MAX_WEIGHT`.
 *
 * Reference: `parse_prompt_attention` of diffusers' community pipeline `lpw_stable_diffusion`.
 */
export function parsePromptWeights(prompt: string): readonly WeightedText[] {
  const pieces: { text: string; weight: number }[] = [];
  const round: number[] = [];
  const square: number[] = [];
  const multiply = (start: number, factor: number): void => {
    const within = bounded(factor, MAX_PRODUCT);
    for (const piece of pieces.slice(start)) piece.weight = bounded(piece.weight * within, MAX_PRODUCT);
  };

  for (const [token, weight] of prompt.matchAll(PIECES)) {
    if (token.startsWith("\\")) pieces.push({ text: token.slice(1), weight: 1 });
    else if (token === "(") round.push(pieces.length);
    else if (token === "[") square.push(pieces.length);
    else if (weight !== undefined && round.length > 0) multiply(round.pop()!, Number(weight));
    else if (token === ")" && round.length > 0) multiply(round.pop()!, EMPHASIS);
    else if (token === "]" && square.length > 0) multiply(square.pop()!, 1 / EMPHASIS);
    else pieces.push({ text: token, weight: 1 });
  }
  for (const start of round) multiply(start, EMPHASIS);
  for (const start of square) multiply(start, 1 / EMPHASIS);
  for (const piece of pieces) piece.weight = bounded(piece.weight, MAX_WEIGHT);
  return merged(pieces);
}

function bounded(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}

/** Joins neighbours of equal weight, so that words split by an escape are tokenised as one text. */
function merged(pieces: readonly WeightedText[]): readonly WeightedText[] {
  const result: { text: string; weight: number }[] = [];
  for (const { text, weight } of pieces) {
    const last = result.at(-1);
    if (last?.weight === weight) last.text += text;
    else result.push({ text, weight });
  }
  return result;
}
