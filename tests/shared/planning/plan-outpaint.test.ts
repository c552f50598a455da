import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOutpaint } from "../../../shared/planning/plan-outpaint.ts";
import { outpaintRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { ModelFacts } from "../../../shared/protocol/model-facts.ts";

const facts: ModelFacts = {
  family: "stable-diffusion",
  tasks: ["outpaint"],
  nativeSize: 512,
  sizeMultiple: 64,
  cell: 8,
  seesMask: true,
  isGuidable: true,
  canInvert: true,
  defaults: { scheduler: "ddim", steps: 25, guidanceScale: 7.5 },
};

function plan(width: number, height: number, sides: Partial<Record<"left" | "right" | "top" | "bottom", number>>) {
  return planOutpaint(outpaintRequestSchema.parse({ task: "outpaint", ...sides }), { width, height }, facts);
}

const side = fc.integer({ min: 1, max: 6000 });
const extension = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2500 }));
const wish = fc
  .tuple(side, side, extension, extension, extension, extension)
  .filter(([, , ...sides]) => sides.some((pixels) => pixels > 0));

function area({ width, height }: PixelRect): number {
  return width * height;
}

function overlap(a: PixelRect, b: PixelRect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

describe("planOutpaint", () => {
  test("draws every new pixel exactly once, and nothing over the original", () => {
    fc.assert(
      fc.property(wish, ([width, height, left, right, top, bottom]) => {
        const { canvas, passes } = plan(width, height, { left, right, top, bottom });
        const original = { x: 0, y: 0, width, height };
        expect(canvas).toEqual({ x: 0 - left, y: 0 - top, width: left + width + right, height: top + height + bottom });
        const fills = passes.filter(({ kind }) => kind === "compose").flatMap((pass) => pass.fills);
        expect(fills.reduce((sum, fill) => sum + area(fill), 0)).toBe(area(canvas) - area(original));
        for (const [i, fill] of fills.entries()) {
          expect(overlap(fill, canvas)).toBe(area(fill));
          expect(overlap(fill, original)).toBe(0);
          for (const other of fills.slice(i + 1)) expect(overlap(fill, other)).toBe(0);
        }
      }),
    );
  });

  test("shows the model all of what it draws, at sizes the graphs can take near the native area", () => {
    fc.assert(
      fc.property(wish, ([width, height, left, right, top, bottom]) => {
        for (const { kind, fills, context, working } of plan(width, height, { left, right, top, bottom }).passes) {
          for (const fill of fills) expect(overlap(fill, context)).toBe(area(fill));
          expect([working.width % 64, working.height % 64]).toEqual([0, 0]);
          const share = (working.width * working.height) / 512 ** 2;
          expect(share).toBeGreaterThan(0.7);
          expect(share).toBeLessThan(kind === "compose" ? 1.4 : 2.7);
        }
      }),
    );
  });

  test("shows the model enough of the picture: a third of each context is known, where the picture is no strip", () => {
    const square = fc.tuple(fc.integer({ min: 600, max: 3000 }), fc.double({ min: 0.9, max: 1.1, noNaN: true }));
    fc.assert(
      fc.property(square, extension, extension, extension, extension, ([width, aspect], ...sides) => {
        fc.pre(sides.some((pixels) => pixels > 0));
        const [left, right, top, bottom] = sides;
        const height = Math.round(width * aspect);
        const known = [{ x: 0, y: 0, width, height }];
        for (const { kind, fills, context } of plan(width, height, { left, right, top, bottom }).passes) {
          if (kind === "refine") continue;
          const seen = known.reduce((sum, rect) => sum + overlap(rect, context), 0);
          expect(seen / area(context)).toBeGreaterThan(0.3);
          known.push(...fills);
        }
      }),
    );
  });

  test("is the same plan every time", () => {
    fc.assert(
      fc.property(wish, ([width, height, left, right, top, bottom]) => {
        const sides = { left, right, top, bottom };
        expect(plan(width, height, sides)).toEqual(plan(width, height, sides));
      }),
    );
  });

  test("draws a moderate frame around a picture in one pass", () => {
    expect(plan(512, 512, { left: 128, right: 128, top: 128, bottom: 128 }).passes).toHaveLength(1);
  });

  test("draws a large extension in rounds, each adding half of what is known at most", () => {
    const composed = plan(512, 512, { right: 1024 }).passes.filter(({ kind }) => kind === "compose");
    expect(composed.map(({ fills }) => fills[0]?.x)).toEqual([512, 738, 1065]);
  });

  test("draws a thin border of a large picture in sections at its own resolution", () => {
    const { passes } = plan(4000, 3000, { right: 100 });
    expect(passes.length).toBe(6);
    for (const { context } of passes) expect(Math.max(context.width, context.height)).toBeLessThan(1200);
  });

  test("refuses to add nothing, and a canvas that is too large", () => {
    expect(() => plan(100, 100, {})).toThrow(/Nothing is to be added/);
    expect(() => plan(16_000, 100, { left: 1000 })).toThrow(/17000×100/);
  });
});
