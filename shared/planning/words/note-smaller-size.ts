import type { PixelSize } from "../../protocol/geometry.ts";
import type { InputNote } from "../../protocol/input-note.ts";
import type { Plan } from "../../protocol/plans/plan.ts";

/** Says that a plan draws at a smaller size than `roomy`, the same edit's where memory is no matter. Empty where it does not. */
export function noteSmallerSize(plan: Plan, roomy: Plan): readonly InputNote[] {
  const [drawn, own] = [plan, roomy].map(largestWorking);
  if (drawn === undefined || own === undefined || areaOf(drawn) >= areaOf(own)) return [];
  const [size, wanted] = [drawn, own].map(({ width, height }) => `${width}×${height}`);
  const text = `For want of memory the model drew ${size} pixels instead of ${wanted}.`;
  return [{ code: "memory-saved", text }];
}

function largestWorking({ passes }: Plan): PixelSize | undefined {
  const sizes = passes.flatMap((pass) => ("working" in pass ? [pass.working] : []));
  return sizes.toSorted((a, b) => areaOf(b) - areaOf(a))[0];
}

function areaOf({ width, height }: PixelSize): number {
  return width * height;
}
