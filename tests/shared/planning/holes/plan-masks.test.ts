import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PlannedStroke, planMasks } from "../../../../shared/planning/holes/plan-masks.ts";

const square: PlannedStroke = {
  strokeWidth: 256,
  cell: 8,
  strength: 1,
  intent: "add",
  image: { width: 4000, height: 3000 },
  wanted: { grow: null, feather: null },
};

describe("how far masks reach", () => {
  test.each<[string, Partial<PlannedStroke>, ReturnType<typeof planMasks>]>([
    ["around a square", {}, { grow: 11, feather: 22, blend: 22 }],
    ["around one that is removed, its rim included", { intent: "remove" }, { grow: 18, feather: 22, blend: 25 }],
    ["around a subject whose background changes", { intent: "background" }, { grow: 4, feather: 4, blend: 6 }],
    ["under a light touch", { strength: 0.5 }, { grow: 6, feather: 11, blend: 11 }],
    ["around something huge", { strokeWidth: 3000 }, { grow: 32, feather: 64, blend: 25 }],
    ["around a dot", { strokeWidth: 1 }, { grow: 4, feather: 2, blend: 1 }],
    ["around a scratch", { strokeWidth: 2 }, { grow: 4, feather: 2, blend: 1 }],
    ["around a wire where a cell is wide", { strokeWidth: 4, cell: 32 }, { grow: 16, feather: 2, blend: 2 }],
    ["as far as is asked for", { strokeWidth: 4, wanted: { grow: 9, feather: 6 } }, { grow: 9, feather: 6, blend: 12 }],
    [
      "no farther than the picture",
      { strokeWidth: 1, image: { width: 3, height: 4 }, wanted: { grow: 499, feather: 499 } },
      { grow: 5, feather: 499, blend: 5 },
    ],
  ])("%s", (_, stroke, expected) => {
    expect(planMasks({ ...square, ...stroke })).toEqual(expected);
  });

  test("lays down at most three times a stroke's width, and only where the model repaints", () => {
    const stroke = fc.record({
      strokeWidth: fc.double({ min: 1, max: 5000, noNaN: true }),
      cell: fc.double({ min: 1, max: 300, noNaN: true }),
      strength: fc.double({ min: 0.01, max: 1, noNaN: true }),
      intent: fc.constantFrom("fill", "add", "replace", "remove", "background" as const),
    });
    fc.assert(
      fc.property(stroke, (wish) => {
        const { grow, feather, blend } = planMasks({ ...square, ...wish });
        expect(blend).toBeGreaterThanOrEqual(1);
        expect(blend).toBeLessThanOrEqual(grow + feather / 2);
        expect(wish.strokeWidth + 2 * blend).toBeLessThanOrEqual(3 * wish.strokeWidth + 1);
      }),
    );
  });
});
