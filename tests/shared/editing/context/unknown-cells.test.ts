import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unknownCells, withOverlap, workingRect } from "../../../../shared/editing/context/unknown-cells.ts";

const CELL = 8;

describe("workingRect", () => {
  const stretch = fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: 1, max: 1500 }));
  const length = fc.integer({ min: 1, max: 3000 });

  test("is a rectangle inside the working size, whatever of the source it shows", () => {
    fc.assert(
      fc.property(stretch, stretch, length, length, ([x, width], [y, height], contextWidth, contextHeight) => {
        const context = { x: 0, y: 0, width: contextWidth, height: contextHeight };
        const rect = workingRect({ x, y, width, height }, { context, working: { width: 256, height: 128 } });
        expect(Math.min(rect.x, rect.y, rect.width - 1, rect.height - 1)).toBeGreaterThanOrEqual(0);
        expect(rect.x + rect.width).toBeLessThanOrEqual(256);
        expect(rect.y + rect.height).toBeLessThanOrEqual(128);
      }),
    );
  });

  test("takes the pixels that lie inside as a whole, and of a thinner one the pixel that shows most of it", () => {
    const context = { x: 10, y: 0, width: 100, height: 200 };
    const working = { width: 50, height: 50 };
    expect(workingRect({ x: 0, y: 6, width: 41, height: 1 }, { context, working })).toEqual({
      x: 0,
      y: 1,
      width: 15,
      height: 1,
    });
  });
});

describe("withOverlap", () => {
  const context = { x: 0, y: 0, width: 128, height: 64 };
  const pass = { context, working: context, fills: [{ x: 80, y: 0, width: 48, height: 64 }], overlap: 24 };
  const original = { x: 0, y: 0, width: 64, height: 64 };
  const drawn = { x: 64, y: 0, width: 16, height: 64 };
  const line = (values: Float32Array): number[] =>
    Array.from({ length: 16 }, (_, cell) => values[20 * 128 + cell * CELL]!);

  test("repaints what was drawn before, less the farther from the fills, and nothing of the original", () => {
    const unknown = unknownCells(pass, pass.fills, [original, drawn], CELL);
    const repaint = line(withOverlap(unknown, pass, [drawn], CELL));
    expect(repaint.slice(0, 8)).toEqual(new Array(8).fill(0));
    expect(repaint[9]).toBe(1);
    expect(repaint[8]).toBeCloseTo(1 - (8 / 24) * 0.5);
    expect(repaint.slice(10)).toEqual(new Array(6).fill(1));
  });

  test("adds nothing where nothing was drawn before", () => {
    const unknown = unknownCells(pass, pass.fills, [{ ...original, width: 80 }], CELL);
    expect(withOverlap(unknown, pass, [], CELL)).toEqual(unknown);
  });

  test("repaints at least half, which models that see black and white take for white", () => {
    const unknown = unknownCells(pass, pass.fills, [{ ...original, width: 80 }], CELL);
    const repaint = withOverlap(unknown, pass, [{ ...drawn, x: 0, width: 80 }], CELL);
    expect(Math.min(...repaint.filter((value) => value > 0))).toBeGreaterThanOrEqual(0.5);
  });
});
