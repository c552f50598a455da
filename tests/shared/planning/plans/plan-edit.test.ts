import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateMemory, passDemand } from "../../../../shared/planning/plans/memory-ladder.ts";
import { type EditSizes, planEdit } from "../../../../shared/planning/plans/plan-edit.ts";
import { type EditRequestInput, editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { ModelFacts } from "../../../../shared/protocol/models/model-facts.ts";
import { type Plan, planSchema } from "../../../../shared/protocol/plans/plan.ts";
import { solidHole } from "../../../support/solid-hole.ts";
import { stableDiffusionFacts } from "../../../support/stable-diffusion-facts.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

const facts: ModelFacts = stableDiffusionFacts;
const network: ModelFacts = {
  ...facts,
  tasks: ["upscale"],
  nativeSize: 384,
  sizeMultiple: 1,
  cell: 1,
  isGuidable: false,
  enlarging: { method: "network", factor: 4, receptiveRadius: 18 },
  memory: { denoiser: { perCell: 12_288, perCellPair: 0 }, autoencoder: { perCell: 0, perCellPair: 0 } },
};

const image = { width: 4000, height: 3000 };
const mask = { holes: [solidHole({ x: 100, y: 100, width: 200, height: 200 })], borderShare: 0 };

function plan(wish: EditRequestInput, budget?: number, model = facts, sizes: EditSizes = { image, mask }): Plan {
  const memory = budget === undefined ? undefined : { budget, gainsFromBatches: true };
  return planEdit(editRequestSchema.parse(wish), sizes, model, memory);
}

const create: EditRequestInput = { task: "create", prompt: "a cat", width: 512, height: 512, count: 4 };
const together = { guidance: "together", isVaeTiled: false };
const apart = { guidance: "apart", isVaeTiled: false };

describe("what a device is given at once", () => {
  test.each([
    ["all variants where there is room", create, 11, { batch: 4, passes: [{ execution: together }] }],
    ["as many as there is room for", create, 9, { batch: 3, passes: [{ execution: together }] }],
    ["one after the other", create, 4, { batch: 1, passes: [{ execution: together }] }],
    ["one half of guidance after the other", create, 2.5, { batch: 1, passes: [{ execution: apart }] }],
    ["twice as many without guidance", { ...create, guidanceScale: 1 }, 6, { batch: 4 }],
    ["one after the other of pictures in tiles", { task: "restyle", prompt: "ink", count: 4 }, 99, { batch: 1 }],
  ] as const)("%s", (_, wish, gigabytes, expected) => {
    expect(plan(wish, gigabytes * GIB)).toMatchObject(expected);
  });

  test("one variant after the other on a device that gains nothing from batches", () => {
    const memory = { budget: 99 * GIB, gainsFromBatches: false };
    expect(planEdit(editRequestSchema.parse(create), {}, facts, memory).batch).toBe(1);
  });

  test("anything, of a model that says nothing of itself or a plain run", () => {
    expect(plan(create, 0, { ...facts, memory: undefined })).toMatchObject({ passes: [{ execution: together }] });
    expect(plan({ ...create, plain: true }, 0)).toMatchObject({ passes: [{ execution: together }] });
  });

  test("a graph of fixed rows no more of them", () => {
    const fixed = { ...facts, memory: { ...facts.memory!, fixedRows: 2 } }; // given above
    expect(plan(create, 4 * GIB, fixed)).toMatchObject({ passes: [{ execution: together }] });
  });
});

describe("what is given up", () => {
  const large: EditRequestInput = { task: "restyle", prompt: "ink" };
  const tileOf = (made: Plan) => {
    const [pass] = made.passes;
    return pass !== undefined && "tiling" in pass ? pass.tiling?.tileWidth : undefined;
  };

  test("halves of guidance before the size of tiles, which shows", () => {
    // A tile of 512 px takes 2.2 GiB guided at once, 1.6 GiB in halves.
    expect(plan(large, 3.2 * GIB)).toMatchObject({ passes: [{ execution: { guidance: "together" } }] });
    const tight = plan(large, 2.4 * GIB);
    expect([tileOf(tight), tight.passes[0]?.execution.guidance]).toEqual([512, "apart"]);
    expect(tileOf(plan(large, 0.8 * GIB))).toBe(256);
  });

  test("what is beyond the native size before what is within it", () => {
    const larger = { ...facts, largestSize: 1024 };
    const drawn = (request: EditRequestInput, budget: number) => {
      const made = plan(request, budget, larger);
      return [made.passes.at(-1)?.working.width, tileOf(made)];
    };
    expect(tileOf(plan(large, 40 * GIB, larger))).toBe(1024);
    expect(tileOf(plan(large, 3.2 * GIB, larger))).toBe(512);
    const wide: EditRequestInput = { ...create, width: 1024, height: 1024 };
    expect(drawn(wide, 40 * GIB)).toEqual([1024, undefined]);
    expect(drawn(wide, 2.5 * GIB)).toEqual([512, undefined]);
  });

  test("the autoencoder in one piece, where its own tiles are smaller than what it codes", () => {
    const wish: EditRequestInput = { ...create, width: 1024, height: 1024, count: 1, guidanceScale: 1 };
    const wide = { ...facts, nativeSize: 1024, memory: { ...facts.memory!, denoiser: { perCell: 1, perCellPair: 0 } } }; // given above
    // 1024 px take 5 GiB in one piece, a tile of 512 px 0.9 GiB.
    expect(plan(wish, 5.1 * GIB, wide)).toMatchObject({ passes: [{ execution: { isVaeTiled: false } }] });
    expect(plan(wish, 1 * GIB, wide)).toMatchObject({ passes: [{ execution: { isVaeTiled: true } }] });
    const untiled = { ...wide, memory: { ...wide.memory, codedSide: undefined } };
    expect(plan(wish, 0, untiled)).toMatchObject({ passes: [{ execution: { isVaeTiled: false } }] });
  });

  test("no more of a picture in tiles than the autoencoder's own tiles, which stay as large", () => {
    const [pass] = plan(large, 0).passes;
    if (pass?.method !== "restyle") throw new Error("A picture is restyled.");
    const cells = pass.working.width * pass.working.height;
    expect(cells).toBeGreaterThan(512 ** 2);
    const coding = { ...facts, memory: { ...facts.memory!, denoiser: { perCell: 0, perCellPair: 0 } } }; // given above
    const taken = estimateMemory(passDemand(pass, false, coding), coding, pass.execution, 1);
    expect(taken).toBe(64 ** 2 * facts.memory!.autoencoder.perCell + 64 ** 4 * 8);
  });

  test("last the size at which the model works, and the picture is drawn smaller and enlarged", () => {
    const [roomy] = plan(create, 2.5 * GIB).passes;
    const [tight] = plan(create, 1 * GIB).passes;
    expect(roomy?.working).toEqual({ width: 512, height: 512 });
    expect(tight?.working.width).toBeLessThan(512);
  });

  test("the size of an instruction where a device holds the scores of attention, all of its pictures counted", () => {
    const scores = { perCell: 0, perCellPair: 16 };
    const klein: ModelFacts = {
      ...facts,
      tasks: ["edit"],
      nativeSize: 1024,
      sizeMultiple: 16,
      cell: 16,
      memory: { denoiser: { perCell: 1, perCellPair: 0 }, autoencoder: { perCell: 0, perCellPair: 0 }, scores },
    };
    const working = (references: number, holdsScores: boolean) => {
      const small = { width: 160, height: 160 };
      const sizes = { image: small, references: Array(references).fill(small) };
      const memory = { budget: 3 * GIB, gainsFromBatches: false, holdsScores };
      return planEdit(editRequestSchema.parse({ task: "edit", prompt: "night" }), sizes, klein, memory).passes[0]
        ?.working;
    };
    // Two pictures of 4096 tokens have 1 GiB of scores, six 9 GiB; of 640 px each they have 1.4 GiB.
    expect(working(0, true)).toEqual({ width: 1024, height: 1024 });
    expect(working(4, true)).toEqual({ width: 768, height: 768 });
    expect(working(4, false)).toEqual({ width: 1024, height: 1024 });
  });

  test("nothing of a fixed size: it is planned all the same", () => {
    const fixed = { ...facts, fixedSize: { width: 512, height: 512 } };
    expect(plan(create, 0, fixed)).toMatchObject({ passes: [{ execution: apart, working: { width: 512 } }] });
  });

  test.each([
    [2048, 384],
    [512, 192],
    [0, 96],
  ])("of a network's tiles with %d MiB all but %d px, never less than what it throws away", (megabytes, side) => {
    const [pass] = plan({ task: "upscale", width: 8000, height: 6000 }, megabytes * MIB, network).passes;
    if (pass?.method !== "super-resolve") throw new Error("A network enlarges.");
    expect(pass.tiling.tileWidth + 2 * pass.margin).toBe(side);
  });

  test("stays within the budget wherever the least does, and more memory never shows less", () => {
    const wishes: readonly EditRequestInput[] = [
      create,
      { ...create, width: 2048, height: 1024 },
      { task: "inpaint", prompt: "a cat", count: 3 },
      { task: "outpaint", prompt: "a meadow", left: 700, count: 2 },
      large,
      { task: "upscale", width: 8000, height: 6000 },
    ];
    const models = fc.constantFrom<ModelFacts>(facts, { ...facts, largestSize: 1024 });
    const cells = (made: Plan): number => Math.min(...made.passes.map(({ working }) => working.width * working.height));
    fc.assert(
      fc.property(fc.constantFrom(...wishes), models, fc.integer({ min: 1, max: 60 }), (wish, model, quarters) => {
        const budget = (quarters * GIB) / 4;
        const made = plan(wish, budget, model);
        expect(planSchema.parse(made)).toEqual(made);
        const isGuided = made.guidanceScale > 1;
        const taken = made.passes.map((pass) =>
          estimateMemory(passDemand(pass, isGuided, facts), facts, pass.execution, made.batch),
        );
        if (quarters >= 4) expect(Math.max(...taken)).toBeLessThanOrEqual(budget);
        // Extensions and pictures in tiles are cut up another way where there is more room.
        if (wish.task === "create" || wish.task === "inpaint")
          expect(cells(plan(wish, 2 * budget, model))).toBeGreaterThanOrEqual(cells(made));
      }),
      { numRuns: 60 },
    );
  });
});
