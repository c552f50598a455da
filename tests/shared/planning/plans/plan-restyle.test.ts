import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planRestyle } from "../../../../shared/planning/plans/plan-restyle.ts";
import { countRealSteps } from "../../../../shared/planning/plans/real-steps.ts";
import { restyleRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { ModelFacts } from "../../../../shared/protocol/models/model-facts.ts";
import { type RestylePlan, restylePlanSchema } from "../../../../shared/protocol/plans/plan.ts";
import { stableDiffusionFacts } from "../../../support/stable-diffusion-facts.ts";

const facts: ModelFacts = { ...stableDiffusionFacts, tasks: ["restyle"] };

const request = (fields: object = {}) =>
  restyleRequestSchema.parse({ task: "restyle", prompt: "a harbour", ...fields });
const plan = (width: number, height: number, fields: object = {}) =>
  flat(planRestyle(request(fields), { width, height }, [], facts));

/** A plan with the settings of its only pass beside its own. */
function flat(made: RestylePlan) {
  const [pass] = made.passes;
  const own = pass.method === "restyle" ? pass : { ...pass, tiling: undefined, overview: undefined, tilePrompt: "" };
  return { ...made, ...own, ...pass.schedule };
}

describe("planRestyle", () => {
  test.each([
    [512, 512, 512, 512],
    [64, 64, 512, 512],
    [200, 100, 640, 384],
    [600, 500, 576, 512],
    [640, 640, 640, 640],
  ])("draws %d×%d in one piece of %d×%d", (width, height, workingWidth, workingHeight) => {
    const { working, tiling, overview } = plan(width, height);
    expect([tiling, overview]).toEqual([undefined, undefined]);
    expect(working).toEqual({ width: workingWidth, height: workingHeight });
  });

  test("draws what is larger than the model at its own size, in tiles of the model's, with an overview of the whole", () => {
    const { working, tiling, overview } = plan(1600, 1200);
    expect(working).toEqual({ width: 1600, height: 1216 });
    expect(tiling).toMatchObject({ tileWidth: 512, tileHeight: 512, overlapAcross: 128, overlapDown: 128 });
    expect([tiling?.columns.length, tiling?.rows.length]).toEqual([4, 3]);
    expect(overview).toEqual({ width: 576, height: 448 });
  });

  describe("by a model that refines at twice its native size", () => {
    const larger = { ...facts, largestSize: 1024 };
    const made = (width: number, height: number, strength: number, tileSide?: number) =>
      flat(planRestyle(request({ strength }), { width, height }, [], larger, tileSide));

    test.each([0.2, 0.6, 0.7])("draws at that size while shapes hold, at a strength of %d", (strength) => {
      const inOnePiece = made(1100, 900, strength);
      expect([inOnePiece.working, inOnePiece.tiling]).toEqual([{ width: 1088, height: 896 }, undefined]);
      const { tiling, overview } = made(1600, 1200, strength);
      expect(tiling).toMatchObject({ tileWidth: 1024, tileHeight: 1024, overlapAcross: 256, overlapDown: 256 });
      expect(overview).toEqual({ width: 1152, height: 896 });
    });

    test("composes at its native size where little is left of the picture", () => {
      expect(made(1100, 900, 0.71)).toEqual(plan(1100, 900, { strength: 0.71 }));
    });

    test("composes there too where too few steps make a low strength a high one", () => {
      const few: ModelFacts = {
        ...facts,
        distilledSteps: 4,
        defaults: { scheduler: "lcm", steps: 4, guidanceScale: 1 },
      };
      const drawn = (model: ModelFacts) =>
        planRestyle(request({ strength: 0.6 }), { width: 1100, height: 900 }, [], model).passes;
      expect(drawn({ ...few, largestSize: 1024 })).toEqual(drawn(few));
    });

    test("draws small pictures no larger for it", () => {
      expect(made(100, 80, 0.6).working).toEqual(plan(100, 80).working);
      expect(made(700, 700, 0.6).working).toEqual({ width: 704, height: 704 });
    });

    test("keeps to smaller tiles where told to", () => {
      expect(made(1600, 1200, 0.6, 256).tiling).toMatchObject({ tileWidth: 256, tileHeight: 256 });
    });
  });

  test.each([
    [728, 90, 704, 192],
    [900, 60, 896, 192],
    [60, 900, 192, 896],
  ])("draws a strip of %d×%d, of no more than the model's area, in one piece of %d×%d", (width, height, ...sides) => {
    const { working, tiling, overview } = plan(width, height);
    expect([working.width, working.height]).toEqual(sides);
    expect([tiling, overview]).toEqual([undefined, undefined]);
  });

  test("takes any size there is: sides the model takes, tiles inside the picture, their number bounded", () => {
    const side = fc.oneof(fc.integer({ min: 1, max: 16_384 }), fc.constantFrom(1, 2, 16_384));
    fc.assert(
      fc.property(side, side, (width, height) => {
        const made = plan(width, height);
        const whole = planRestyle(request(), { width, height }, [], facts);
        expect(restylePlanSchema.parse(whole)).toEqual(whole);
        expect(plan(width, height)).toEqual(made);
        expect([made.working.width % 64, made.working.height % 64]).toEqual([0, 0]);
        expect(Math.min(made.working.width, made.working.height)).toBeGreaterThanOrEqual(192);
        if (!made.tiling) {
          expect(made.working.width * made.working.height).toBeLessThanOrEqual(640 ** 2);
          return;
        }
        const { columns, rows, tileWidth, tileHeight, overlapAcross, overlapDown } = made.tiling;
        if (columns.length > 1) expect(overlapAcross).toBeGreaterThanOrEqual(tileWidth / 4);
        if (rows.length > 1) expect(overlapDown).toBeGreaterThanOrEqual(tileHeight / 4);
        expect(made.overview!.width).toBeLessThanOrEqual(made.working.width);
        expect(made.overview!.height).toBeLessThanOrEqual(made.working.height);
        expect(columns.length * rows.length).toBeLessThanOrEqual(90);
        expect([columns.at(-1)! + tileWidth, rows.at(-1)! + tileHeight]).toEqual([
          made.working.width,
          made.working.height,
        ]);
      }),
    );
  });

  test("runs a handful of steps however small the strength, and more the larger it is", () => {
    const strengths = [0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1];
    const plans = strengths.map((strength) => plan(512, 512, { strength }));
    const steps = plans.map(countRealSteps);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(4);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    for (const [i, { strength }] of plans.entries()) if (strengths[i]! >= 0.05) expect(strength).toBe(strengths[i]);
  });

  test("puts the prompt into the style's words, and tells tiles the style alone", () => {
    const styled = plan(512, 512, { style: "flat", negativePrompt: "text" });
    expect(styled.prompt).toMatch(/^a harbour, flat/);
    expect(styled.negativePrompt).toMatch(/^text, photograph/);
    expect(styled.tilePrompt).toMatch(/^flat/);
    expect(plan(512, 512)).toMatchObject({ prompt: "a harbour", negativePrompt: null, tilePrompt: "" });
    const styleWords = { flat: { template: "{prompt}, plain style", negativePrompt: "3d" } };
    const told = planRestyle(request({ style: "flat" }), { width: 512, height: 512 }, [], { ...facts, styleWords });
    expect(flat(told)).toMatchObject({
      prompt: "a harbour, plain style",
      negativePrompt: "3d",
      tilePrompt: "plain style",
    });
    expect(() => plan(512, 512, { style: "no such style" })).toThrow(/There is no style "no such style"/);
  });

  test("starts from the picture's own noise unless told otherwise, or where the model's path is another", () => {
    expect(plan(512, 512)).toMatchObject({ noise: "inversion" });
    expect(plan(512, 512, { keepLayout: false })).toMatchObject({ noise: "seed" });
    const flow: ModelFacts = { ...facts, canInvert: false };
    expect(planRestyle(request(), { width: 512, height: 512 }, [], flow).passes[0]).toMatchObject({
      noise: "seed",
    });
  });

  test("looks at each reference in one piece, and at none without strength or where an adapter reads them", () => {
    const references = [
      { width: 3000, height: 2000 },
      { width: 100, height: 100 },
    ];
    const size = { width: 512, height: 512 };
    const reference = (fields: object) => planRestyle(request(fields), size, references, facts).passes[0];
    expect(reference({})).toMatchObject({
      reference: { working: { width: 640, height: 448 }, strength: 0.8, further: [size] },
    });
    expect(reference({ referenceStrength: 0 })).not.toHaveProperty("reference");
    expect(reference({ referenceModel: "adapter" })).not.toHaveProperty("reference");
  });

  test("keeps to a fixed size where the graphs have one", () => {
    const fixed = { ...facts, fixedSize: { width: 512, height: 512 } };
    const made = flat(planRestyle(request(), { width: 4000, height: 3000 }, [], fixed));
    expect([made.working, made.tiling]).toEqual([{ width: 512, height: 512 }, undefined]);
  });

  test("leaves a plain run as it is asked for", () => {
    expect(plan(1024, 512, { plain: true, strength: 0.05 })).toMatchObject({
      working: { width: 1024, height: 512 },
      method: "redraw",
      strength: 0.05,
      steps: 20,
    });
    expect(() => plan(1000, 512, { plain: true })).toThrow(/multiples of 64/);
  });

  test("refuses a model that cannot restyle", () => {
    expect(() => planRestyle(request(), { width: 9, height: 9 }, [], { ...facts, tasks: ["upscale"] })).toThrow(
      /cannot restyle; it serves upscale/,
    );
  });
});
