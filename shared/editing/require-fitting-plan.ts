import { contains, enlargedIn, overlaps, type PixelRect, type PixelSize, wholeOf } from "../protocol/geometry.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { Plan } from "../protocol/plans/plan.ts";
import type { Tiling } from "../protocol/plans/tiling.ts";

/**
 * Plans made here always fit; one that was edited, or is run on another picture, may not. Throws OverpaintError
 * `invalid-request` for a place outside the picture, and for tiles that do not make up what they are tiles of.
 *
 * @param image the source's size; undefined for pictures from nothing
 */
export function requireFittingPlan(plan: Plan, image: PixelSize | undefined): void {
  const source = image && wholeOf(image);
  if (plan.task === "inpaint" && source)
    for (const { painted, context } of plan.passes) {
      if (!contains(source, painted)) throw outside(painted, source);
      if (!overlaps(source, context)) throw outside(context, source);
      if (plan.plain && !(contains(source, context) && contains(context, source)))
        throw misfit("a plain run sees the whole of it");
    }
  if (plan.task === "outpaint" && source) {
    if (!contains(plan.canvas, source)) throw outside(source, plan.canvas);
    for (const { fills, known, context } of plan.passes) {
      for (const part of known ? [known, ...fills] : fills)
        if (!contains(plan.canvas, part)) throw outside(part, plan.canvas);
      if (!overlaps(plan.canvas, context)) throw outside(context, plan.canvas);
    }
  }
  if (plan.task === "edit" && source) {
    const [{ context }] = plan.passes;
    const { painted } = plan.mask ?? {};
    if (painted && !contains(source, painted)) throw outside(painted, source);
    // The layer is cut out of what was drawn.
    const covered = painted ? enlargedIn(source, painted, plan.mask?.blend ?? 0) : source;
    if (!contains(context, covered)) throw misfit("it does not see all that may change");
  }
  for (const pass of plan.passes) if ("tiling" in pass && pass.tiling) requireTiles(pass.tiling, pass.working);
}

function requireTiles({ columns, rows, tileWidth, tileHeight }: Tiling, { width, height }: PixelSize): void {
  if (makesUp(columns, tileWidth, width) && makesUp(rows, tileHeight, height)) return;
  throw misfit(`its tiles of ${tileWidth}×${tileHeight} do not make up ${width}×${height}`);
}

/** Whether stretches of one length cover a whole from its start to its end, in order. */
function makesUp(starts: readonly number[], length: number, whole: number): boolean {
  let reached = 0;
  for (const start of starts) {
    if (start > reached || start + length <= reached) return false;
    reached = start + length;
  }
  return reached === whole;
}

function outside(part: PixelRect, whole: PixelRect): OverpaintError {
  const inWords = ({ x, y, width, height }: PixelRect) => `${width}×${height} at ${x}, ${y}`;
  return misfit(`${inWords(part)} lies outside of ${inWords(whole)}`);
}

function misfit(why: string): OverpaintError {
  return new OverpaintError(
    "invalid-request",
    `The plan does not fit the picture: ${why}.`,
    "Run it on the picture it was made for.",
  );
}
