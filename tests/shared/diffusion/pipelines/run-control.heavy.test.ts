import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DiffusionModel } from "../../../../shared/diffusion/models/diffusion-model.ts";
import type { DenoisingStep } from "../../../../shared/diffusion/pipelines/denoise.ts";
import { differentialInpaintBatch } from "../../../../shared/diffusion/pipelines/differential-inpaint.ts";
import { imageToImage, imageToImageBatch } from "../../../../shared/diffusion/pipelines/image-to-image.ts";
import { inpaint, inpaintBatch } from "../../../../shared/diffusion/pipelines/inpaint.ts";
import { textToImage, textToImageBatch } from "../../../../shared/diffusion/pipelines/text-to-image.ts";
import { upscale, upscaleBatch } from "../../../../shared/diffusion/pipelines/upscale.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { openDiffusionModel } from "../../../support/open-diffusion-model.ts";
import { packFolders, referenceInputs } from "./reference-fixture.ts";
import { toMask, toTensor } from "./reference-run.ts";

/** Rows of a batch take other paths through the kernels than a single row. */
const BATCH_TOLERANCE = 1e-4;

const common = {
  prompt: "a red cat",
  negativePrompt: "",
  steps: 4,
  guidanceScale: 5,
  seed: 3,
  longPrompts: "truncate",
  scheduler: "euler-ancestral",
} as const;
const image = toTensor(referenceInputs.picture, 64, 64);
const mask = toMask(referenceInputs.hardMask);
const small = toTensor(referenceInputs.smallPicture, 16, 16);

let base: DiffusionModel;
let inpainting: DiffusionModel;
let upscaler: DiffusionModel;
beforeAll(async () => {
  base = await openDiffusionModel(new NodePackFiles(...packFolders(["base"])));
  inpainting = await openDiffusionModel(new NodePackFiles(...packFolders(["base", "inpaint"])));
  upscaler = await openDiffusionModel(new NodePackFiles(...packFolders(["base", "upscale"])));
});
afterAll(() => Promise.all([base.release(), inpainting.release(), upscaler.release()]));

describe("picture k of a batch is what seed + k draws alone", () => {
  it.each([
    [
      "text to image",
      (batch: number) => textToImageBatch(base, { ...common, width: 64, height: 64 }, batch),
      (seed: number) => textToImage(base, { ...common, seed, width: 64, height: 64 }),
    ],
    [
      "image to image",
      (batch: number) => imageToImageBatch(base, { ...common, image, strength: 0.7 }, batch),
      (seed: number) => imageToImage(base, { ...common, seed, image, strength: 0.7 }),
    ],
    [
      "blended inpainting",
      (batch: number) => inpaintBatch(base, { ...common, image, mask, strength: 0.7 }, batch),
      (seed: number) => inpaint(base, { ...common, seed, image, mask, strength: 0.7 }),
    ],
    [
      "masked inpainting",
      (batch: number) => inpaintBatch(inpainting, { ...common, image, mask, strength: 0.7 }, batch),
      (seed: number) => inpaint(inpainting, { ...common, seed, image, mask, strength: 0.7 }),
    ],
    [
      "upscaling",
      (batch: number) => upscaleBatch(upscaler, { ...common, image: small }, batch),
      (seed: number) => upscale(upscaler, { ...common, seed, image: small }),
    ],
  ])("%s", async (_, together, alone) => {
    const pictures = await together(3);
    expect(pictures).toHaveLength(3);
    for (const [k, picture] of pictures.entries()) {
      const single = await alone(common.seed + k);
      expect(largestDifference(picture.data, single.data)).toBeLessThan(BATCH_TOLERANCE);
    }
    expect(largestDifference(pictures[0]!.data, pictures[1]!.data)).toBeGreaterThan(BATCH_TOLERANCE);
  });
});

describe("a run", () => {
  it("draws the same picture for the same seed, bit for bit", async () => {
    const draw = () => inpaint(inpainting, { ...common, image, mask, strength: 1 });
    expect((await draw()).data).toEqual((await draw()).data);
  });

  it("reports every step, the last one with the final latents", async () => {
    const steps: DenoisingStep[] = [];
    await textToImage(base, {
      ...common,
      scheduler: "ddim",
      width: 64,
      height: 64,
      onStep: (step) => void steps.push(step),
    });
    expect(steps.map(({ step, steps: total, timestep }) => [step, total, timestep])).toEqual([
      [1, 4, 751],
      [2, 4, 501],
      [3, 4, 251],
      [4, 4, 1],
    ]);
    // DDIM ends a hair above zero noise here (set_alpha_to_one is off), so the two differ by a little.
    const last = steps.at(-1)!;
    expect(largestDifference(last.predictedClean, last.latents)).toBeLessThan(0.1);
  });

  it("waits for what watches it", async () => {
    let isBusy = false;
    const overlaps: boolean[] = [];
    const onStep = async () => {
      overlaps.push(isBusy);
      isBusy = true;
      await new Promise((resolve) => setTimeout(resolve, 5));
      isBusy = false;
    };
    await textToImage(base, { ...common, width: 64, height: 64, onStep });
    expect(overlaps).toEqual([false, false, false, false]);
  });

  it("stops between steps when it is cancelled", async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const onStep = ({ step }: DenoisingStep) => {
      seen.push(step);
      if (step === 2) controller.abort();
    };
    const drawing = textToImage(base, { ...common, width: 64, height: 64, onStep, signal: controller.signal });
    await expect(drawing).rejects.toMatchObject({ code: "cancelled" });
    expect(seen).toEqual([1, 2]);
  });

  it("does not begin when it is cancelled already", async () => {
    const signal = AbortSignal.abort();
    const drawing = inpaint(inpainting, { ...common, image, mask, strength: 1, signal });
    await expect(drawing).rejects.toMatchObject({ code: "cancelled" });
  });

  it("draws the same whether guidance runs together or apart", async () => {
    const draw = (guidanceEvaluation: "together" | "apart") =>
      textToImage(base, { ...common, width: 64, height: 64, guidanceEvaluation });
    expect(largestDifference((await draw("together")).data, (await draw("apart")).data)).toBeLessThan(BATCH_TOLERANCE);
  });
});

describe("soft masks", () => {
  it("change the picture more where they are whiter", async () => {
    const draw = async (value: number) => {
      const mask = new Float32Array(64 * 64).fill(value);
      const options = { ...common, scheduler: "ddim", image, mask, strength: 1 } as const;
      const [picture] = await differentialInpaintBatch(base, options, 1);
      return picture!; // one was asked for
    };
    const start = await draw(0.05);
    const change = async (value: number) => largestDifference((await draw(value)).data, start.data);
    expect(await change(0.05)).toBe(0);
    expect(await change(0.5)).toBeGreaterThan(0);
    expect(await change(1)).toBeGreaterThan(await change(0.3));
  });
});

describe("what a pack cannot do is said before anything runs", () => {
  it.each<readonly [string, () => Promise<unknown>, object]>([
    [
      "drawing from a prompt with an inpainting model",
      () => textToImage(inpainting, { ...common, width: 64, height: 64 }),
      { code: "unsupported-model", message: expect.stringContaining("sees masks") },
    ],
    [
      "restyling with an inpainting model",
      () => imageToImage(inpainting, { ...common, image, strength: 0.5 }),
      { code: "unsupported-model" },
    ],
    [
      "soft masks with an inpainting model",
      () => differentialInpaintBatch(inpainting, { ...common, image, mask, strength: 0.5 }, 1),
      { code: "unsupported-model" },
    ],
    [
      "upscaling with a text-to-image model",
      () => upscale(base, { ...common, image }),
      { code: "unsupported-model", message: expect.stringContaining("restyle") },
    ],
    [
      "inpainting with an upscaler",
      () => inpaint(upscaler, { ...common, image, mask, strength: 1 }),
      { code: "unsupported-model" },
    ],
    [
      "a size between the multiples",
      () => textToImage(base, { ...common, width: 72, height: 64 }),
      { code: "invalid-request", message: expect.stringContaining("multiples of 16") },
    ],
    [
      "a mask of another size",
      () => inpaint(base, { ...common, image, mask: mask.subarray(1), strength: 1 }),
      { code: "mask-size-mismatch" },
    ],
    [
      "a strength that leaves no step",
      () => imageToImage(base, { ...common, image, strength: 0.2 }),
      { code: "invalid-request", message: expect.stringContaining("none of the 4 steps") },
    ],
    [
      "more noise than the upscaler learnt",
      () => upscale(upscaler, { ...common, image: small, noiseLevel: 351 }),
      { code: "invalid-request", message: expect.stringContaining("0 to 350") },
    ],
  ])("%s", async (_, attempt, expected) => {
    await expect(attempt()).rejects.toMatchObject(expected);
  });

  it("a size other than the one the graph is fixed to", async () => {
    const fixed = await openDiffusionModel(new NodePackFiles(...packFolders(["base", "fixed"])));
    const drawing = textToImage(fixed, { ...common, width: 128, height: 64 });
    await expect(drawing).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringContaining("64×64 px only"),
    });
    await fixed.release();
  });
});
