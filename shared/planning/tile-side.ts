import type { ModelFacts } from "../protocol/model-facts.ts";
import { bytesFor } from "./estimate-memory.ts";

/** Tiles become no smaller than this share of the model's native side: below it, denoisers lose what a picture is of. */
const LEAST_SHARE = 0.5;
/** A network's tile becomes no smaller than this many times what it throws away at each side. */
const LEAST_MARGINS = 4;

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
