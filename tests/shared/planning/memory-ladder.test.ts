import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateMemory, type PassDemand } from "../../../shared/planning/estimate-memory.ts";
import { type Cut, firstRung, type LadderOptions } from "../../../shared/planning/memory-ladder.ts";
import type { MemoryFacts } from "../../../shared/protocol/memory-facts.ts";

const MIB = 1024 ** 2;
const NATIVE = 64 * 64;

/** At 512 px a row takes 296 MiB and the autoencoder 288, at 1024 px 4256 and 2688. */
const costs: MemoryFacts = {
  denoiser: { perCell: 10 * 1024, perCellPair: 16 },
  autoencoder: { perCell: 40 * 1024, perCellPair: 8 },
};
const pass: PassDemand = {
  denoisedCells: NATIVE,
  codedCells: NATIVE,
  previewedCells: NATIVE,
  isPreviewTiled: false,
  isGuided: true,
};

/** A picture of 1024 px: drawn in one piece at full resolution. */
const whole = ({ resolution }: Cut): PassDemand[] => {
  const cells = (128 * resolution) ** 2;
  return [{ ...pass, denoisedCells: cells, codedCells: cells, previewedCells: cells }];
};
/** The same picture in tiles, previewed in tiles. */
const tiles = ({ tileSide }: Cut): PassDemand[] => {
  const cells = (tileSide / 8) ** 2;
  return [{ ...pass, denoisedCells: cells, codedCells: cells, previewedCells: 128 * 128, isPreviewTiled: true }];
};

const ladder = (options: Partial<LadderOptions>) =>
  firstRung({
    demandFor: whole,
    costs,
    nativeCells: NATIVE,
    variants: 4,
    tileSides: [512, 256],
    resolutions: [1, 0.75, 0.5],
    budget: 0,
    ...options,
  });

describe("the memory ladder", () => {
  const full = { tileSide: 512, resolution: 1 };
  const one = { batch: 1, guidance: "together" } as const;
  const apart = { batch: 1, guidance: "apart" } as const;

  test.each([
    ["all variants together", 1e6, { batch: 4, guidance: "together", isVaeTiled: false, ...full }],
    ["as many as fit", 20_000, { batch: 2, guidance: "together", isVaeTiled: false, ...full }],
    ["one after the other", 12_000, { ...one, isVaeTiled: false, ...full }],
    ["guidance apart", 8000, { ...apart, isVaeTiled: false, ...full }],
    ["the autoencoder in tiles", 5500, { ...apart, isVaeTiled: true, ...full }],
    ["composed smaller", 2000, { ...apart, isVaeTiled: true, tileSide: 256, resolution: 0.75 }],
    [
      "with the halves of guidance together again where smaller fits",
      1300,
      { ...one, isVaeTiled: true, tileSide: 256, resolution: 0.5 },
    ],
    ["the last rung where nothing fits", 0, { ...apart, isVaeTiled: true, tileSide: 256, resolution: 0.5 }],
  ])("of a picture in one piece: %s", (_, mebibytes, rung) => {
    expect(ladder({ budget: mebibytes * MIB })).toEqual(rung);
  });

  test.each([
    ["all variants together", 1e6, { batch: 4, guidance: "together", ...full }],
    ["guidance apart, before tiles shrink", 400, { ...apart, ...full }],
    ["smaller tiles, guidance together again", 100, { ...one, tileSide: 256, resolution: 1 }],
    ["the smallest tiles before a lower resolution", 30, { ...apart, tileSide: 256, resolution: 1 }],
  ])("of a picture in tiles: %s", (_, mebibytes, rung) => {
    const small = { ...costs, autoencoder: { perCell: 1024, perCellPair: 0 } };
    expect(ladder({ demandFor: tiles, costs: small, budget: mebibytes * MIB })).toMatchObject(rung);
  });

  test("counts every pass: the largest decides, guided or not", () => {
    const large = { ...pass, isGuided: false, denoisedCells: 4 * NATIVE };
    expect(ladder({ demandFor: () => [pass, large], variants: 1, budget: 4900 * MIB })).toMatchObject({
      guidance: "together",
    });
    expect(ladder({ demandFor: () => [large, pass], variants: 1, budget: 900 * MIB })).toMatchObject({
      guidance: "apart",
    });
  });

  test("leaves room for previews, in tiles where the picture is", () => {
    const previewed = { ...pass, previewedCells: 16 * NATIVE };
    const needs = (one: PassDemand) =>
      estimateMemory({ passes: [one], nativeCells: NATIVE }, costs, { batch: 1, guidance: "apart", isVaeTiled: false });
    expect(needs(previewed)).toBeGreaterThan(needs(pass));
    expect(needs({ ...previewed, isPreviewTiled: true })).toBe(needs(pass));
    expect(needs({ ...previewed, previewedCells: 0 })).toBe(needs(pass));
  });

  test("gives no fixed graph more rows, and no unguided run halves", () => {
    expect(ladder({ costs: { ...costs, fixedRows: 2 }, budget: 12_000 * MIB }).batch).toBe(4);
    expect(ladder({ demandFor: () => [{ ...pass, isGuided: false }], variants: 1 }).guidance).toBe("together");
  });

  test("stays within the budget where any rung does, and never climbs down with more memory", () => {
    const demands = fc.record({
      side: fc.integer({ min: 1, max: 200 }),
      isTiled: fc.boolean(),
      isGuided: fc.boolean(),
      variants: fc.integer({ min: 1, max: 16 }),
      budget: fc.nat({ max: 20_000 }).map((mebibytes) => mebibytes * MIB),
    });
    fc.assert(
      fc.property(demands, ({ side, isTiled, isGuided, variants, budget }) => {
        const demandFor = ({ tileSide, resolution }: Cut): PassDemand[] => {
          const cells = (isTiled ? Math.min(side, tileSide / 8) : side * resolution) ** 2;
          return [
            { denoisedCells: cells, codedCells: cells, previewedCells: cells, isPreviewTiled: isTiled, isGuided },
          ];
        };
        const needs = (rung: ReturnType<typeof ladder>) =>
          estimateMemory({ passes: demandFor(rung), nativeCells: NATIVE }, costs, rung);
        const rung = ladder({ demandFor, variants, budget });
        const least = ladder({ demandFor, variants, budget: 0 });
        if (needs(least) <= budget) expect(needs(rung)).toBeLessThanOrEqual(budget);
        const roomier = ladder({ demandFor, variants, budget: 2 * budget });
        expect(roomier.resolution).toBeGreaterThanOrEqual(rung.resolution);
        expect(roomier.tileSide).toBeGreaterThanOrEqual(rung.tileSide);
      }),
    );
  });
});
