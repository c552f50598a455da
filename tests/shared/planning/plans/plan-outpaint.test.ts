import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOutpaint } from "../../../../shared/planning/plans/plan-outpaint.ts";
import { outpaintRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { PixelRect } from "../../../../shared/protocol/geometry.ts";
import type { ModelFacts } from "../../../../shared/protocol/models/model-facts.ts";
import { stableDiffusionFacts } from "../../../support/stable-diffusion-facts.ts";

const facts: ModelFacts = { ...stableDiffusionFacts, tasks: ["outpaint"], seesMask: true };

type Sides = Partial<Record<"left" | "right" | "top" | "bottom", number>>;

function plan(width: number, height: number, sides: Sides, model: Partial<ModelFacts> = {}) {
  const request = outpaintRequestSchema.parse({ task: "outpaint", ...sides });
  const made = planOutpaint(request, { width, height }, { ...facts, ...model });
  const passes = made.passes.map((pass) => ({ ...pass, known: pass.known ?? made.canvas }));
  return { canvas: made.canvas, passes };
}

/** Small and large models, and graphs of fixed size. */
const model: fc.Arbitrary<Partial<ModelFacts>> = fc.constantFrom(
  { nativeSize: 128, sizeMultiple: 32, largestSize: 256 },
  {},
  { nativeSize: 1024, sizeMultiple: 8 },
  { fixedSize: { width: 512, height: 512 } },
  { fixedSize: { width: 768, height: 384 } },
);

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

/** What two rectangles share; its sides are not positive where they share nothing. */
function common(a: PixelRect, b: PixelRect): PixelRect {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  return {
    x,
    y,
    width: Math.min(a.x + a.width, b.x + b.width) - x,
    height: Math.min(a.y + a.height, b.y + b.height) - y,
  };
}

/** Whether a whole side of `fill` lies on a side of `known`. */
function liesAlong(fill: PixelRect, known: PixelRect): boolean {
  const isAside =
    (fill.x + fill.width === known.x || fill.x === known.x + known.width) &&
    fill.y >= known.y &&
    fill.y + fill.height <= known.y + known.height;
  const isAbove =
    (fill.y + fill.height === known.y || fill.y === known.y + known.height) &&
    fill.x >= known.x &&
    fill.x + fill.width <= known.x + known.width;
  return isAside || isAbove;
}

describe("planOutpaint", () => {
  test("goes outwards from what is known: each piece lies along it, sees it, and carries on the border beside it", () => {
    fc.assert(
      fc.property(wish, model, ([width, height, left, right, top, bottom], facts) => {
        const known: PixelRect[] = [{ x: 0, y: 0, width, height }];
        for (const pass of plan(width, height, { left, right, top, bottom }, facts).passes) {
          if (pass.kind === "refine") continue;
          const { fills, context, working } = pass;
          // All of the rectangle that is carried on is known by now.
          expect(known.reduce((sum, rect) => sum + overlap(rect, pass.known), 0)).toBe(area(pass.known));
          if (fills.length === 1) expect(liesAlong(fills[0]!, pass.known)).toBe(true);
          const seen = common(pass.known, context);
          expect(Math.min(seen.width, seen.height)).toBeGreaterThanOrEqual(1);
          // A picture of a few pixels can be less than one of the model's.
          if (Math.min(width, height) >= 8) {
            expect((seen.width * working.width) / context.width).toBeGreaterThanOrEqual(1);
            expect((seen.height * working.height) / context.height).toBeGreaterThanOrEqual(1);
          }
          known.push(...fills);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("sees of each section of a strip the one before it", () => {
    fc.assert(
      fc.property(wish, model, ([width, height, left, right, top, bottom], facts) => {
        const drawn: PixelRect[] = [];
        for (const { kind, fills, context } of plan(width, height, { left, right, top, bottom }, facts).passes) {
          if (kind === "refine") continue;
          const before = drawn.filter((rect) => fills.some((fill) => liesAlong(fill, rect)));
          for (const rect of before) expect(overlap(rect, context)).toBeGreaterThan(0);
          drawn.push(...fills);
        }
      }),
    );
  });

  test("fades into what was drawn before, over no more than half of what is seen of it", () => {
    fc.assert(
      fc.property(wish, model, ([width, height, left, right, top, bottom], facts) => {
        for (const { kind, fills, known, context, overlap } of plan(width, height, { left, right, top, bottom }, facts)
          .passes) {
          if (kind === "refine") continue;
          const seen = common(known, context);
          const isAside = fills.some(({ x, width }) => x + width <= known.x || x >= known.x + known.width);
          const depth = isAside ? seen.width : seen.height;
          expect(overlap).toBeLessThanOrEqual(depth / 2);
          if (depth >= 16) expect(overlap).toBeGreaterThan(0);
        }
      }),
    );
  });

  test("plans a mirrored request in a mirror", () => {
    fc.assert(
      fc.property(wish, model, ([width, height, left, right, top, bottom], facts) => {
        const { passes } = plan(width, height, { left, right, top, bottom }, facts);
        const acrossX = ({ x, ...rect }: PixelRect) => ({ ...rect, x: width - x - rect.width });
        const acrossY = ({ y, ...rect }: PixelRect) => ({ ...rect, y: height - y - rect.height });
        const mirrors = [
          [left !== right, { left: right, right: left, top, bottom }, acrossX],
          [top !== bottom, { left, right, top: bottom, bottom: top }, acrossY],
        ] as const;
        for (const [isOther, sides, mirror] of mirrors) {
          if (!isOther) continue;
          const seen = plan(width, height, sides, facts);
          expect(seen.passes).toEqual(
            passes.map((pass) => ({
              ...pass,
              fills: pass.fills.map(mirror),
              known: mirror(pass.known),
              context: mirror(pass.context),
            })),
          );
        }
      }),
    );
  });

  test("draws a banner's far left in steps from its border", () => {
    const { passes } = plan(2000, 200, { left: 900 });
    expect(passes.map(({ fills, known }) => [fills[0]?.x, known.x])).toEqual([
      [-450, 0],
      [-900, -450],
    ]);
  });

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

  test("refuses a canvas that is too large", () => {
    expect(() => plan(16_000, 100, { left: 1000 })).toThrow(/17000×100/);
  });
});
