import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateMemory } from "../../../shared/planning/estimate-memory.ts";
import type { ExecutionDemand } from "../../../shared/planning/execution-demand.ts";
import { planExecution } from "../../../shared/planning/plan-execution.ts";
import type { MemoryFacts } from "../../../shared/protocol/memory-facts.ts";

const GIB = 1024 ** 3;

/** Stable Diffusion 1.5: 320 channels and 8 heads at the finest level, a decoder of 256 channels at full size. */
const costs: MemoryFacts = {
  denoiser: { perCell: 320 * 24 * 4, perCellPair: 64 },
  autoencoder: { perCell: 256 * 64 * 3 * 4, perCellPair: 8 },
};

/** Pictures of 512 px, four of them, with guidance. */
const usual: ExecutionDemand = {
  denoisedCells: 64 * 64,
  codedCells: 64 * 64,
  previewedCells: 0,
  isPreviewTiled: false,
  nativeCells: 64 * 64,
  variants: 4,
  isGuided: true,
};
const large = { ...usual, denoisedCells: 128 * 128, codedCells: 128 * 128 };

describe("what a device is given at once", () => {
  test.each([
    ["all variants where there is room", usual, 11, { batch: 4, guidance: "together", isVaeTiled: false }],
    ["as many as there is room for", usual, 9, { batch: 3, guidance: "together", isVaeTiled: false }],
    ["one after the other", usual, 4, { batch: 1, guidance: "together", isVaeTiled: false }],
    ["one half of guidance after the other", usual, 2.5, { batch: 1, guidance: "apart", isVaeTiled: false }],
    ["as little as can be, where nothing fits", usual, 0, { batch: 1, guidance: "apart", isVaeTiled: false }],
    ["no halves without guidance", { ...usual, isGuided: false }, 0, { guidance: "together" }],
    ["twice as many without guidance", { ...usual, isGuided: false }, 6, { batch: 4 }],
    ["one that cannot be drawn with others", { ...usual, variants: 1 }, 99, { batch: 1 }],
    ["a large picture whole", large, 44, { guidance: "together", isVaeTiled: false }],
    ["a large picture, guidance given up before its autoencoder", large, 26, { guidance: "apart", isVaeTiled: false }],
    ["a large picture decoded in tiles", large, 21, { guidance: "apart", isVaeTiled: true }],
  ])("%s", (_, demand, gigabytes, expected) => {
    expect(planExecution(demand, costs, { budget: gigabytes * GIB, gainsFromBatches: true })).toMatchObject(expected);
  });

  test("one variant after the other on a device that gains nothing from batches", () => {
    expect(planExecution(usual, costs, { budget: 99 * GIB, gainsFromBatches: false }).batch).toBe(1);
  });

  test("what a pack that says nothing of itself gets", () => {
    const execution = planExecution(usual, undefined, { budget: 0, gainsFromBatches: true });
    expect(execution).toEqual({ batch: 1, guidance: "together", isVaeTiled: false });
  });

  test("a graph of fixed rows is not given more of them", () => {
    const fixed = { ...costs, fixedRows: 2 };
    expect(planExecution(usual, fixed, { budget: 4 * GIB, gainsFromBatches: true }).guidance).toBe("together");
  });

  test("stays within the budget wherever the least does, and never asks for less with more memory", () => {
    const size = fc.integer({ min: 1, max: 200 }).map((side) => side * side);
    const demand = fc.record({
      denoisedCells: size,
      codedCells: size,
      previewedCells: size,
      isPreviewTiled: fc.boolean(),
      nativeCells: fc.constant(64 * 64),
      variants: fc.integer({ min: 1, max: 16 }),
      isGuided: fc.boolean(),
    });
    fc.assert(
      fc.property(demand, fc.nat({ max: 200 }), fc.boolean(), (wish, gigabytes, gainsFromBatches) => {
        const budget = gigabytes * GIB;
        const execution = planExecution(wish, costs, { budget, gainsFromBatches });
        const needs = (given: Parameters<typeof estimateMemory>[2]) =>
          estimateMemory({ passes: [wish], nativeCells: wish.nativeCells }, costs, given);
        const least = { batch: 1, guidance: "apart", isVaeTiled: true } as const;
        if (needs(least) <= budget) expect(needs(execution)).toBeLessThanOrEqual(budget);
        const roomier = planExecution(wish, costs, { budget: 2 * budget, gainsFromBatches });
        // A decoder that needs no tiles any more may take the room of a batch.
        if (roomier.isVaeTiled === execution.isVaeTiled) expect(roomier.batch).toBeGreaterThanOrEqual(execution.batch);
        expect(planExecution(wish, costs, { budget, gainsFromBatches })).toEqual(execution);
      }),
    );
  });
});
