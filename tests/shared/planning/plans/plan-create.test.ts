import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planCreate } from "../../../../shared/planning/plans/plan-create.ts";
import { createRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { ModelFacts } from "../../../../shared/protocol/models/model-facts.ts";
import { stableDiffusionFacts } from "../../../support/stable-diffusion-facts.ts";

const facts: ModelFacts = { ...stableDiffusionFacts, tasks: ["create"] };

const request = (width: number, height: number, plain = false) =>
  createRequestSchema.parse({ task: "create", prompt: "a cat", width, height, plain });

describe("planCreate", () => {
  test.each([
    [512, 512, 512, 512],
    [100, 100, 512, 512],
    [4096, 4096, 512, 512],
    [1920, 1080, 704, 384],
    [300, 600, 384, 704],
    [4096, 16, 896, 320],
  ])("draws %d×%d near the native area, in its shape: %d×%d", (width, height, workingWidth, workingHeight) => {
    expect(planCreate(request(width, height), facts).passes[0].working).toEqual({
      width: workingWidth,
      height: workingHeight,
    });
  });

  test("works at sizes the model takes, near its native area, whatever is asked for", () => {
    const side = fc.integer({ min: 16, max: 4096 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const { working } = planCreate(request(width, height), facts).passes[0];
        expect([working.width % 64, working.height % 64]).toEqual([0, 0]);
        expect((working.width * working.height) / 512 ** 2).toBeGreaterThan(0.75);
        expect((working.width * working.height) / 512 ** 2).toBeLessThan(1.3);
      }),
    );
  });

  test("refines where the model can show markedly more of the wanted size, from what it composed", () => {
    const both: ModelFacts = { ...facts, tasks: ["create", "inpaint"] };
    expect(planCreate(request(2048, 2048), both)).toMatchObject({
      passes: [
        { working: { width: 512, height: 512 } },
        { working: { width: 768, height: 768 }, schedule: { steps: 20, strength: 0.4 } },
      ],
    });
    expect(planCreate(request(2048, 2048), { ...both, largestSize: 1024 }).passes[1]?.working.width).toBe(1024);
    // Too small to gain, asked for as it is, no way to begin from a picture, one size only, no larger one.
    expect(planCreate(request(640, 640), both).passes[1]).toBeUndefined();
    expect(planCreate(request(1024, 1024, true), both).passes[1]).toBeUndefined();
    expect(planCreate(request(2048, 2048), facts).passes[1]).toBeUndefined();
    expect(
      planCreate(request(2048, 2048), { ...both, fixedSize: { width: 512, height: 512 } }).passes[1],
    ).toBeUndefined();
    expect(planCreate(request(2048, 2048), { ...both, largestSize: 512 }).passes[1]).toBeUndefined();
  });

  test("leaves a refining pass as many steps as it needs", () => {
    const both: ModelFacts = { ...facts, tasks: ["create", "inpaint"] };
    const quick = { ...request(2048, 2048), steps: 4 };
    expect(planCreate(quick, both).passes[1]?.schedule).toMatchObject({ steps: 10, strength: 0.4 });
  });

  test("keeps a plain run at exactly the requested size", () => {
    expect(planCreate(request(320, 640, true), facts)).toMatchObject({
      passes: [{ working: { width: 320, height: 640 } }],
      plain: true,
    });
  });

  test("refuses a plain run at a size the model cannot take", () => {
    expect(() => planCreate(request(500, 512, true), facts)).toThrow(/multiples of 64, not 500×512/);
    const fixed = { ...facts, fixedSize: { width: 512, height: 512 } };
    expect(() => planCreate(request(512, 768, true), fixed)).toThrow(/model's own size, 512×512/);
  });

  test("takes the model's defaults where the request leaves them open", () => {
    expect(planCreate(request(512, 512), facts)).toMatchObject({
      passes: [{ schedule: { scheduler: "ddim", steps: 20 } }],
      guidanceScale: 7.5,
    });
    const chosen = { ...request(512, 512), scheduler: "euler", steps: 7, guidanceScale: 2 } as const;
    expect(planCreate(chosen, facts)).toMatchObject({
      passes: [{ schedule: { scheduler: "euler", steps: 7 } }],
      guidanceScale: 2,
    });
  });

  test("refuses a model that only upscales", () => {
    expect(() => planCreate(request(512, 512), { ...facts, tasks: ["upscale"] })).toThrow(/cannot create/);
  });
});
