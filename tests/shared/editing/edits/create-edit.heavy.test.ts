import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Model } from "../../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../../shared/diffusion/models/open-model.ts";
import { textToImage } from "../../../../shared/diffusion/pipelines/text-to-image.ts";
import { fromPictureTensor } from "../../../../shared/editing/context/picture-tensor.ts";
import type { EditProgress } from "../../../../shared/editing/passes/run-passes.ts";
import { planInputs, runEdit, runPlan } from "../../../../shared/editing/run-edit.ts";
import { runDefaults } from "../../../../shared/planning/plans/run-defaults.ts";
import { createRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { planSchema } from "../../../../shared/protocol/plans/plan.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { requireDiffusion } from "../../../support/open-diffusion-model.ts";
import { inRepository } from "../../../support/repository.ts";

/** One model for text to image, and one for inpainting. */
const packs = ["tests/fixtures/packs/base", "models/starter"] as const;

const create = (fields: object) =>
  createRequestSchema.parse({ task: "create", prompt: "a red car", steps: 2, seed: 11, ...fields });

describe.each(packs)("creating a picture with %s", (folder) => {
  let model: Model;
  beforeAll(async () => {
    model = await openModel(new NodePackFiles(inRepository(folder)));
  });
  afterAll(() => model.release());
  const run = (fields: object, onProgress?: (progress: EditProgress) => void) =>
    runEdit(create(fields), {}, { model, now: () => 0, onProgress });

  test.each([
    [16, 16],
    [33, 71],
    [200, 30],
  ])("gives exactly %d×%d opaque pixels", async (width, height) => {
    const [layer] = await run({ width, height });
    expect(layer!.area).toEqual({ x: 0, y: 0, width, height });
    expect([layer!.pixels.width, layer!.pixels.height]).toEqual([width, height]);
    expect(layer!.pixels.data.filter((_, i) => i % 4 === 3)).toEqual(new Uint8ClampedArray(width * height).fill(255));
  });

  test("draws the same picture from the same seed, and variant k from seed + k", async () => {
    const [first, second] = await run({ width: 64, height: 64, count: 2 });
    const [again] = await run({ width: 64, height: 64, seed: 12 });
    expect([first!.seed, second!.seed]).toEqual([11, 12]);
    expect(again!.pixels.data).toEqual(second!.pixels.data);
    expect(first!.pixels.data).not.toEqual(second!.pixels.data);
  });

  test("draws variants together where memory allows, to the bytes they have alone", async () => {
    const seen: EditProgress[] = [];
    const wish = create({ width: 64, height: 64, count: 3, scheduler: "ddim" });
    const onProgress = (progress: EditProgress) => void seen.push(progress);
    const roomy = { budget: Number.POSITIVE_INFINITY, gainsFromBatches: true };
    const together = await runEdit(wish, {}, { model, now: () => 0, memory: roomy, onProgress });
    const alone = await runEdit(wish, {}, { model, now: () => 0 });
    expect(together.map(({ plan }) => plan.batch)).toEqual([3, 3, 3]);
    expect(together.map(({ pixels, seed }) => [pixels, seed])).toEqual(alone.map(({ pixels, seed }) => [pixels, seed]));
    // Two steps of three variants are six: the first is half of the work of the first and second one.
    expect(seen.map(({ variant, step, steps }) => [variant, step, steps])).toEqual([
      [1, 1, 2],
      [2, 2, 2],
    ]);
  });

  test("draws again as a recipe says, whatever memory there is", async () => {
    const { plan: made } = planInputs(create({ width: 64, height: 64, count: 3 }), {}, model.facts);
    const execution = { guidance: "apart", isVaeTiled: true } as const;
    const plan = planSchema.parse({ ...made, batch: 2, passes: made.passes.map((pass) => ({ ...pass, execution })) });
    const layers = await runPlan(plan, {}, { model, now: () => 0 });
    expect(layers.map((layer) => layer.plan)).toEqual([plan, plan, plan]);
    expect(layers.map(({ seed }) => seed)).toEqual([11, 12, 13]);
  });

  test("reports every step, with a preview of the result's size before the last", async () => {
    const seen: EditProgress[] = [];
    await run({ width: 50, height: 40, steps: 10, scheduler: "ddim" }, (progress) => void seen.push(progress));
    expect(seen.map(({ step, steps }) => [step, steps])).toEqual(Array.from({ length: 10 }, (_, i) => [i + 1, 10]));
    expect(seen[0]!.preview?.pixels).toMatchObject({ width: 50, height: 40 });
    expect(seen[9]!.preview).toBeUndefined();
  });
});

describe.each(packs)("creating a picture larger than %s composes", (folder) => {
  let model: Model;
  beforeAll(async () => {
    model = await openModel(new NodePackFiles(inRepository(folder)));
  });
  afterAll(() => model.release());
  /** Whatever the model itself says. */
  const refineAt = (largestSize: number): void => {
    Object.defineProperty(model, "facts", { value: { ...model.facts, largestSize } });
  };

  test("draws what it composed again, larger, each variant from its own, and counts the steps of both", async () => {
    const seen: EditProgress[] = [];
    const side = 2 * model.facts.nativeSize;
    refineAt(side);
    const wish = create({ width: side, height: side, count: 2, steps: 4, scheduler: "ddim" });
    const roomy = { budget: Number.POSITIVE_INFINITY, gainsFromBatches: true };
    const onProgress = (progress: EditProgress) => void seen.push(progress);
    const together = await runEdit(wish, {}, { model, now: () => 0, memory: roomy, onProgress });
    const refine = { working: { width: side, height: side }, schedule: { steps: 10, strength: 0.4 } };
    expect(together.map(({ plan }) => plan.passes)).toMatchObject([
      [{}, refine],
      [{}, refine],
    ]);
    expect(seen.map(({ variant, step, steps }) => [variant, step, steps])).toEqual(
      [2, 4, 6, 8, 10, 12, 14, 16].map((done) => [done > 8 ? 1 : 0, done > 8 ? done - 8 : done, 8]),
    );

    const alone = await runEdit({ ...wish, seed: 12, count: 1 }, {}, { model, now: () => 0 });
    expect(alone[0]!.pixels).toEqual(together[1]!.pixels);
    expect(together[0]!.pixels).not.toEqual(together[1]!.pixels);

    refineAt(model.facts.nativeSize);
    const [composed] = await runEdit({ ...wish, count: 1 }, {}, { model, now: () => 0 });
    expect(largestDifference(composed!.pixels.data, together[0]!.pixels.data)).toBeGreaterThan(8);
    // The same picture still: most of it stays as it was composed.
    expect(meanDifference(composed!.pixels.data, together[0]!.pixels.data)).toBeLessThan(40);
  });
});

function meanDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < one.length; i += 1) sum += Math.abs(one[i]! - other[i]!);
  return sum / one.length;
}

test("draws what the bare pipeline draws when plain", async () => {
  const model = requireDiffusion(await openModel(new NodePackFiles(inRepository("tests/fixtures/packs/base"))));
  try {
    const { prompt, steps, seed } = create({ width: 96, height: 64 });
    const [layer] = await runEdit(create({ width: 96, height: 64, plain: true }), {}, { model, now: () => 0 });
    const { guidanceScale } = runDefaults(model.facts);
    const options = {
      prompt,
      negativePrompt: "",
      steps: steps!,
      seed,
      guidanceScale,
      longPrompts: "truncate",
    } as const;
    const picture = fromPictureTensor(await textToImage(model, { ...options, width: 96, height: 64 }));
    const colours = layer!.pixels.data.filter((_, i) => i % 4 !== 3);
    expect(colours).toEqual(Uint8ClampedArray.from(picture.data));
  } finally {
    await model.release();
  }
});
