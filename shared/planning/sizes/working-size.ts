import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";

/**
 * The size at which the model draws a context: the native area in the context's shape, both sides a multiple of what the
 * graphs need. Models repeat objects above their native area and lose them below it.
 *
 * @param side side of a square of the area wanted, where it is not the native one
 */
export function workingSize(context: PixelSize, facts: ModelFacts, side = facts.nativeSize): PixelSize {
  if (facts.fixedSize !== undefined) return facts.fixedSize;
  const scale = side / Math.sqrt(context.width * context.height);
  return {
    width: roundTo(context.width * scale, facts.sizeMultiple),
    height: roundTo(context.height * scale, facts.sizeMultiple),
  };
}

function roundTo(length: number, multiple: number): number {
  return Math.max(multiple, Math.round(length / multiple) * multiple);
}
