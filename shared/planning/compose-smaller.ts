import type { PixelSize } from "../protocol/geometry.ts";
import type { ModelFacts } from "../protocol/model-facts.ts";
import type { Tiling } from "../protocol/plans/tiling.ts";
import { layTiles } from "./lay-tiles.ts";

/** Neighbouring tiles of a refinement share this part of a side: less shows as lines on plain ground. */
const OVERLAP_SHARE = 0.25;

/** A picture that is drawn in two passes because one does not fit. */
export interface SmallerComposition {
  /** The size at which the picture is composed. */
  readonly composed: PixelSize;
  /** The tiles, about as large, in which what was composed is refined once it is enlarged to the working size. */
  readonly refined: Tiling;
}

/**
 * How a working picture is drawn at a lower resolution: in its own shape, both sides on the graphs' grid.
 *
 * @param resolution share of the working side, below 1
 * @returns undefined where the graphs' grid or size allow nothing smaller
 */
export function composeSmaller(
  working: PixelSize,
  resolution: number,
  { sizeMultiple, fixedSize }: Pick<ModelFacts, "sizeMultiple" | "fixedSize">,
): SmallerComposition | undefined {
  if (fixedSize !== undefined) return undefined;
  const reduced = (length: number): number =>
    Math.max(sizeMultiple, Math.floor((length * resolution) / sizeMultiple) * sizeMultiple);
  const composed = { width: reduced(working.width), height: reduced(working.height) };
  if (composed.width === working.width && composed.height === working.height) return undefined;
  const side = Math.min(composed.width, composed.height);
  const wanted = Math.ceil((side * OVERLAP_SHARE) / sizeMultiple) * sizeMultiple;
  const overlap = Math.max(0, Math.min(wanted, side - sizeMultiple));
  return { composed, refined: layTiles(working, composed, overlap, sizeMultiple) };
}
