import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelFacts, PlainPipeline } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { Fit } from "../../protocol/plans/pass.ts";
import { rejectOddSize } from "./reject-odd-size.ts";

/** The size at which a plain run works, and how its pictures are brought there; as they are where that is not said. */
export interface PlainSize {
  readonly working: PixelSize;
  readonly fit?: Fit;
}

/**
 * What the reference pipeline makes of a size.
 *
 * @param pipeline absent for families whose pipelines take exact sizes
 * Throws OverpaintError `invalid-request` for a size that the pipeline does not take.
 */
export function plainSize(size: PixelSize, pipeline: PlainPipeline | undefined, facts: ModelFacts): PlainSize {
  const { width, height } = size;
  if (pipeline === undefined || pipeline.sizes === "exact") {
    rejectOddSize(size, facts);
    return { working: { width, height } };
  }
  requireTakenShape(size, pipeline);
  const from = reduced(size, pipeline.largestArea);
  const floored = (side: number): number => Math.floor(side / facts.sizeMultiple) * facts.sizeMultiple;
  const working = { width: floored(from.width), height: floored(from.height) };
  if (working.width === 0 || working.height === 0)
    throw new OverpaintError(
      "invalid-request",
      `The model needs sides of ${facts.sizeMultiple} pixels at least, and the picture has ${width}×${height}.`,
      "Choose a larger picture.",
    );
  if (working.width === width && working.height === height) return { working };
  return { working, fit: { by: pipeline.sizes === "cropped" ? "crop" : "stretch", from } };
}

function requireTakenShape({ width, height }: PixelSize, { leastSide = 1, largestAspect }: PlainPipeline): void {
  if (Math.min(width, height) < leastSide)
    throw new OverpaintError(
      "invalid-request",
      `A plain run takes pictures of ${leastSide} pixels a side at least, not ${width}×${height}.`,
      "Choose a larger picture, or leave out --plain.",
    );
  if (largestAspect !== undefined && Math.max(width / height, height / width) > largestAspect)
    throw new OverpaintError(
      "invalid-request",
      `A plain run takes pictures up to ${largestAspect} times as long as they are wide, not ${width}×${height}.`,
      "Crop the picture, or leave out --plain.",
    );
}

function reduced({ width, height }: PixelSize, largest = Number.POSITIVE_INFINITY): PixelSize {
  const area = width * height;
  if (area <= largest) return { width, height };
  const scale = Math.sqrt(largest / area);
  return { width: Math.trunc(width * scale), height: Math.trunc(height * scale) };
}
