import type { ModelFacts } from "../protocol/model-facts.ts";
import { firstRung } from "./memory-ladder.ts";

/** Tiles become no smaller than this share of the model's native side: below it, denoisers lose what a picture is of. */
const LEAST_SHARE = 0.5;
/** A network's tile becomes no smaller than this many times what it throws away at each side. */
const LEAST_MARGINS = 4;

/**
 * Side of the tiles in which pictures larger than the model are drawn, in pixels: the model's own, halved until one row of it
 * fits into the budget, for guidance can take its two rows one after the other.
 *
 * @param budget bytes beside the weights
 */
export function tileSide(facts: ModelFacts, budget: number): number {
  const { nativeSize, cell, memory, fixedSize } = facts;
  if (memory === undefined || fixedSize !== undefined) return nativeSize;
  const cells = (side: number): number => (side / cell) ** 2;
  const rung = firstRung({
    demandFor: ({ tileSide: side }) => [
      {
        denoisedCells: cells(side),
        codedCells: cells(side),
        previewedCells: 0,
        isPreviewTiled: true,
        isGuided: facts.isGuidable,
      },
    ],
    costs: memory,
    nativeCells: cells(nativeSize),
    variants: 1,
    tileSides: tileSides(facts),
    resolutions: [1],
    budget,
  });
  return rung.tileSide;
}

/** The sides that a model's tiles may have, in pixels, the largest first. */
export function tileSides({ nativeSize, sizeMultiple, enlarging }: ModelFacts): readonly [number, ...number[]] {
  const isNetwork = enlarging?.method === "network";
  const least = isNetwork ? LEAST_MARGINS * enlarging.receptiveRadius : nativeSize * LEAST_SHARE;
  const smaller: number[] = [];
  for (let side = nativeSize / 2; side >= least && side % sizeMultiple === 0; side /= 2) smaller.push(side);
  return [nativeSize, ...smaller];
}
