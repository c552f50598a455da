import type { MemoryFacts } from "../protocol/memory-facts.ts";
import type { Execution } from "../protocol/plans/execution.ts";
import { estimateMemory, type PassDemand } from "./estimate-memory.ts";

/** How finely a run is cut up: what decides which passes it has. */
export interface Cut {
  /** Side of the tiles in which pictures larger than the model are drawn, in pixels. */
  readonly tileSide: number;
  /**
   * Share of the planned working side at which pictures are composed, 0..1. Below 1 a run has two passes where it had one:
   * composed smaller, then enlarged and refined in tiles that fit.
   */
  readonly resolution: number;
}

/** A step of the ladder: all that memory decides about a run. */
export interface Rung extends Omit<Execution, "tileSide">, Cut {}

export interface LadderOptions {
  /** The passes of the run for a cut. */
  readonly demandFor: (cut: Cut) => readonly PassDemand[];
  readonly costs: MemoryFacts;
  /** Latent cells of the autoencoder's own size. */
  readonly nativeCells: number;
  /** Variants that may be drawn together, at least 1. */
  readonly variants: number;
  /** The sides that tiles may have, the best first. */
  readonly tileSides: readonly [number, ...number[]];
  /** The resolutions that pictures may be composed at, the best first: 1, and less. */
  readonly resolutions: readonly [number, ...number[]];
  /** Bytes that the run may take beside the weights. */
  readonly budget: number;
}

/**
 * The first rung of the memory ladder that fits. What shows in the picture is given up last and one thing after the other: an
 * autoencoder in tiles, smaller tiles of the picture, a lower working resolution. On each of these, what changes pixels by
 * rounding at most is given up first: variants drawn together, then both halves of guidance in one evaluation.
 *
 * Where nothing fits it is the last rung: an estimate is no reason to refuse.
 */
export function firstRung({ demandFor, nativeCells, costs, budget, ...options }: LadderOptions): Rung {
  let last: Rung | undefined;
  for (const cut of cuts(options)) {
    const demand = { passes: demandFor(cut), nativeCells };
    for (const rung of rungsOf(cut, demand.passes, nativeCells, options.variants, last?.isVaeTiled ?? false)) {
      if (estimateMemory(demand, costs, rung) <= budget) return rung;
      last = rung;
    }
  }
  if (last === undefined) throw new Error("A ladder has at least one rung.");
  return last;
}

/** Tiles become smaller before pictures are composed at less. */
function* cuts({ tileSides, resolutions }: Pick<LadderOptions, "tileSides" | "resolutions">): Generator<Cut> {
  const [best, ...lower] = resolutions;
  for (const tileSide of tileSides) yield { tileSide, resolution: best };
  const smallest = tileSides[tileSides.length - 1] ?? tileSides[0];
  for (const resolution of lower) yield { tileSide: smallest, resolution };
}

function* rungsOf(
  cut: Cut,
  passes: readonly PassDemand[],
  nativeCells: number,
  variants: number,
  wasVaeTiled: boolean,
): Generator<Rung> {
  const isLarge = passes.some(({ codedCells, previewedCells }) => Math.max(codedCells, previewedCells) > nativeCells);
  const isGuided = passes.some((pass) => pass.isGuided);
  const tiled = wasVaeTiled ? [true] : isLarge ? [false, true] : [false];
  for (const isVaeTiled of tiled) {
    for (let batch = variants; batch >= 1; batch -= 1) yield { ...cut, batch, guidance: "together", isVaeTiled };
    if (isGuided) yield { ...cut, batch: 1, guidance: "apart", isVaeTiled };
  }
}
