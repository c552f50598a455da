import type { ModelFacts } from "../protocol/model-facts.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import { bytesFor } from "./estimate-memory.ts";

/** Tiles become no smaller than this share of the model's native side: below it, denoisers lose what a picture is of. */
const LEAST_SHARE = 0.5;
/** A network's tile becomes no smaller than this many times what it throws away at each side. */
const LEAST_MARGINS = 4;
/** Of a graph of fixed size at least this share of a side must be kept: below it, one picture takes hundreds of runs. */
const LEAST_KEPT = 1 / 8;

/**
 * Side of the tiles in which pictures larger than the model are drawn, in pixels: the model's own, halved until two rows
 * of it, as guidance takes them, fit into the budget.
 *
 * @param budget bytes beside the weights
 */
export function tileSide(facts: ModelFacts, budget: number): number {
  const { nativeSize, sizeMultiple, enlarging, memory, fixedSize } = facts;
  if (memory === undefined || fixedSize !== undefined) return nativeSize;
  const isNetwork = enlarging?.method === "network";
  const rows = isNetwork ? 1 : 2;
  const least = isNetwork ? LEAST_MARGINS * enlarging.receptiveRadius : nativeSize * LEAST_SHARE;
  const bytes = (side: number): number => {
    const cells = (side / facts.cell) ** 2;
    return rows * bytesFor(memory.denoiser, cells) + bytesFor(memory.autoencoder, cells);
  };
  let side = nativeSize;
  while (bytes(side) > budget && side / 2 >= least && (side / 2) % sizeMultiple === 0) side /= 2;
  return side;
}

/**
 * Side of what is kept of a network's tile: what is left of `side` once `margin` is thrown away at both ends. A network that
 * looks far around each pixel is fed larger tiles instead of keeping next to nothing of them.
 *
 * @param side of the tile that is fed, in pixels
 * Throws OverpaintError `unsupported-model` where a graph of fixed size leaves too little.
 */
export function networkTileSide(side: number, margin: number, isFixed: boolean): number {
  const kept = side - 2 * margin;
  if (!isFixed) return Math.max(kept, (LEAST_MARGINS - 2) * margin, 1);
  if (kept >= side * LEAST_KEPT) return kept;
  throw new OverpaintError(
    "unsupported-model",
    `The model's graph takes ${side} pixels a side and nothing else, but each pixel it draws depends on ${margin} at every side of it: almost nothing of a tile could be kept.`,
    "Export the model with a free or a larger size, or choose another upscaling model.",
  );
}
