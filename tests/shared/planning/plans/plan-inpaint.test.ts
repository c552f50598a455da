import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planInpaint as planShape } from "../../../../shared/planning/plans/plan-inpaint.ts";
import { type InpaintRequest, inpaintRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { PixelRect, PixelSize } from "../../../../shared/protocol/geometry.ts";
import type { ModelFacts } from "../../../../shared/protocol/models/model-facts.ts";
import { solidHole } from "../../../support/solid-hole.ts";
import { stableDiffusionFacts } from "../../../support/stable-diffusion-facts.ts";

const facts: ModelFacts = { ...stableDiffusionFacts, tasks: ["inpaint"], seesMask: true };
const request = inpaintRequestSchema.parse({ task: "inpaint", prompt: "a cat" });

/** The plan for one hole; its first pass beside it. */
function planInpaint(wish: InpaintRequest, image: PixelSize, hole: PixelRect, model: ModelFacts) {
  const plan = planShape(wish, image, { holes: [solidHole(hole)], borderShare: 0 }, model);
  const [pass] = plan.passes;
  if (pass === undefined) throw new Error("The plan has no pass.");
  return { ...plan, ...pass, mask: pass.mask ?? { grow: 0, feather: 0, blend: 0 } };
}

/** An image and a mask somewhere inside it. */
const scene = fc
  .tuple(fc.integer({ min: 1, max: 16_384 }), fc.integer({ min: 1, max: 16_384 }))
  .chain(([width, height]) =>
    fc
      .tuple(
        fc.integer({ min: 0, max: width - 1 }),
        fc.integer({ min: 0, max: height - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      )
      .map(([x, y, w, h]) => ({
        image: { width, height },
        mask: { x, y, width: 1 + Math.floor(w * (width - x - 1)), height: 1 + Math.floor(h * (height - y - 1)) },
      })),
  );

describe("planInpaint", () => {
  test("shows the model the whole mask, and nothing beyond the image unless the image itself is a strip", () => {
    fc.assert(
      fc.property(scene, ({ image, mask }) => {
        const { context } = planInpaint(request, image, mask, facts);
        expect(context.x).toBeLessThanOrEqual(mask.x);
        expect(context.y).toBeLessThanOrEqual(mask.y);
        expect(context.x + context.width).toBeGreaterThanOrEqual(mask.x + mask.width);
        expect(context.y + context.height).toBeGreaterThanOrEqual(mask.y + mask.height);
        if (context.width <= image.width) {
          expect(context.x).toBeGreaterThanOrEqual(0);
          expect(context.x + context.width).toBeLessThanOrEqual(image.width);
        } else {
          expect(context.width).toBe(Math.ceil(context.height / 3));
        }
        if (context.height <= image.height) {
          expect(context.y).toBeGreaterThanOrEqual(0);
          expect(context.y + context.height).toBeLessThanOrEqual(image.height);
        } else {
          expect(context.height).toBe(Math.ceil(context.width / 3));
        }
      }),
    );
  });

  test("works at sizes the graphs can take, near the model's native area", () => {
    fc.assert(
      fc.property(scene, ({ image, mask }) => {
        const { working } = planInpaint(request, image, mask, facts);
        expect(working.width % 64).toBe(0);
        expect(working.height % 64).toBe(0);
        const share = (working.width * working.height) / 512 ** 2;
        expect(share).toBeGreaterThan(0.7);
        expect(share).toBeLessThan(1.35);
      }),
    );
  });

  test("mixes the result in only where the model repainted", () => {
    fc.assert(
      fc.property(scene, ({ image, mask }) => {
        const { mask: reach } = planInpaint(request, image, mask, facts);
        expect(reach.blend).toBeLessThanOrEqual(reach.grow + reach.feather / 2);
        expect(reach.blend).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test("is the same plan every time", () => {
    fc.assert(
      fc.property(scene, ({ image, mask }) => {
        expect(planInpaint(request, image, mask, facts)).toEqual(planInpaint(request, image, mask, facts));
      }),
    );
  });

  test.each([
    [
      "a small hole in a large photograph costs what the hole costs",
      [6000, 4000],
      [3000, 2000, 256, 256],
      [2898, 1898, 460, 460],
      [512, 512],
    ],
    ["at a corner the context moves inward", [1000, 800], [0, 0, 100, 100], [0, 0, 256, 256], [512, 512]],
    ["a mask over everything sees everything", [768, 512], [0, 0, 768, 512], [0, 0, 768, 512], [640, 448]],
    ["a dot still has a neighbourhood", [400, 400], [200, 200, 1, 1], [73, 73, 256, 256], [512, 512]],
    ["a strip reaches beyond the image", [900, 30], [400, 0, 60, 30], [302, -28, 256, 86], [896, 320]],
    ["one pixel is a context too", [1, 1], [0, 0, 1, 1], [0, 0, 1, 1], [512, 512]],
  ])("%s", (_, [width, height], [x, y, w, h], context, working) => {
    const plan = planInpaint(
      request,
      { width: width as number, height: height as number },
      { x: x as number, y: y as number, width: w as number, height: h as number },
      facts,
    );
    expect([plan.context.x, plan.context.y, plan.context.width, plan.context.height]).toEqual(context);
    expect([plan.working.width, plan.working.height]).toEqual(working);
  });

  test("takes the pack's defaults where the request leaves them open, and the request's values otherwise", () => {
    const image = { width: 640, height: 640 };
    const mask = { x: 100, y: 100, width: 200, height: 200 };
    expect(planInpaint(request, image, mask, facts)).toMatchObject({
      schedule: { scheduler: "ddim", steps: 20 },
      guidanceScale: 7.5,
    });
    const own = { ...request, scheduler: "euler", steps: 4, guidanceScale: 1, grow: 3, feather: 0 } as const;
    expect(planInpaint(own, image, mask, facts)).toMatchObject({
      schedule: { scheduler: "euler", steps: 4 },
      guidanceScale: 1,
      mask: { grow: 3, feather: 0, blend: 3 },
    });
  });

  test.each([
    ["plain", { plain: true }, 7.5],
    ["plain, with a ControlNet", { plain: true, controls: [{ model: "net", kind: "canny" }] }, 5],
    ["plain, where the request says", { plain: true, guidanceScale: 2 }, 2],
    ["not plain", {}, 6],
  ])("guides a run that is %s as its pipeline does", (_, wish, guidanceScale) => {
    const defaults = {
      scheduler: "ddim",
      steps: 20,
      guidanceScale: 6,
      plainGuidance: { inpaint: 7.5, others: 5 },
    } as const;
    const asked = inpaintRequestSchema.parse({ task: "inpaint", prompt: "a cat", ...wish });
    const mask = { x: 100, y: 100, width: 200, height: 200 };
    expect(planInpaint(asked, { width: 640, height: 640 }, mask, { ...facts, defaults })).toMatchObject({
      guidanceScale,
    });
  });

  test("keeps the shape of graphs with a fixed size", () => {
    const fixed = { ...facts, fixedSize: { width: 512, height: 256 } };
    const plan = planInpaint(
      request,
      { width: 2000, height: 2000 },
      { x: 900, y: 900, width: 200, height: 200 },
      fixed,
    );
    expect(plan.context.width / plan.context.height).toBeCloseTo(2, 1);
    expect(plan.working).toEqual({ width: 512, height: 256 });
  });

  test("refuses a plain run at a size the graphs cannot take, naming it", () => {
    const plain = { ...request, plain: true };
    const mask = { x: 0, y: 0, width: 9, height: 9 };
    expect(() => planInpaint(plain, { width: 500, height: 512 }, mask, facts)).toThrow(/multiples of 64.*500×512/);
    expect(planInpaint(plain, { width: 448, height: 512 }, mask, facts).working).toEqual({ width: 448, height: 512 });
  });

  test("refuses a model that cannot inpaint", () => {
    const other = { ...facts, tasks: ["create"] as const };
    expect(() => planInpaint(request, { width: 9, height: 9 }, { x: 0, y: 0, width: 9, height: 9 }, other)).toThrow(
      /cannot inpaint; it serves create/,
    );
  });
});

test("guides what draws after words or a picture, and only that", () => {
  const guidance = (wish: object) =>
    planInpaint(
      inpaintRequestSchema.parse({ task: "inpaint", ...wish }),
      { width: 512, height: 512 },
      { x: 200, y: 200, width: 100, height: 100 },
      facts,
    ).guidanceScale;
  expect(guidance({})).toBe(1);
  expect(guidance({ negativePrompt: "text" })).toBe(7.5);
  expect(guidance({ referenceModel: "ip-adapter" })).toBe(7.5);
});
