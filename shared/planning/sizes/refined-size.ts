import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import { workingSize } from "./working-size.ts";

/**
 * Strength of a second pass: what the first one composed stays where it is and gains detail. Two fifths is what
 * krita-ai-diffusion settled on.
 */
export const REFINE_STRENGTH = 0.4;
/** A second pass must show this many times more detail along each side to be worth its time. */
export const WORTHWHILE_GAIN = 1.5;
/** A composed picture holds together above the native size too, usually up to this many times its side. */
const LARGER_SIDE = 1.5;

/** The size for refining a context: its own pixels where the model can take that many, never less than its native area. */
export function refinedSize(context: PixelSize, facts: ModelFacts): PixelSize {
  const side = Math.sqrt(context.width * context.height);
  const largest = facts.largestSize ?? facts.nativeSize * LARGER_SIDE;
  return workingSize(context, facts, Math.min(Math.max(side, facts.nativeSize), largest));
}

/** Working pixels per source pixel along a side. Above 1 nothing more can be shown than the source holds. */
export function detail(context: PixelSize, working: PixelSize): number {
  return Math.min(1, Math.sqrt((working.width * working.height) / (context.width * context.height)));
}
