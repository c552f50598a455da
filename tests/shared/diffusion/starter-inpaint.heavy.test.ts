import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DiffusionModel } from "../../../shared/diffusion/models/diffusion-model.ts";
import type { PictureTensor } from "../../../shared/diffusion/picture-tensor.ts";
import { type InpaintOptions, inpaint } from "../../../shared/diffusion/pipelines/inpaint.ts";
import { largestDifference } from "../../support/largest-difference.ts";
import { NodePackFiles } from "../../support/node-pack-files.ts";
import { openDiffusionModel } from "../../support/open-diffusion-model.ts";
import { inRepository } from "../../support/repository.ts";

const SIDE = 128;

let model: DiffusionModel;
beforeAll(async () => {
  model = await openDiffusionModel(new NodePackFiles(inRepository("models/starter")));
});
afterAll(() => model.release());

/** A sky-blue picture that darkens downwards. */
function sky(): PictureTensor {
  const data = new Float32Array(3 * SIDE * SIDE);
  for (const [channel, [top, bottom]] of [
    [0.2, -0.1],
    [0.5, 0.2],
    [0.9, 0.7],
  ].entries())
    for (let y = 0; y < SIDE; y++) {
      const start = (channel * SIDE + y) * SIDE;
      data.fill(top! + (bottom! - top!) * (y / SIDE), start, start + SIDE);
    }
  return { width: SIDE, height: SIDE, data };
}

function box(): Float32Array {
  const mask = new Float32Array(SIDE * SIDE);
  for (let y = 32; y < 96; y++) mask.fill(1, y * SIDE + 32, y * SIDE + 96);
  return mask;
}

const options: InpaintOptions = {
  prompt: "a cat face",
  negativePrompt: "",
  image: sky(),
  mask: box(),
  steps: 16,
  guidanceScale: 2.5,
  strength: 1,
  seed: 7,
  longPrompts: "chunks",
};

/** Mean absolute difference to the source, inside or outside the mask. */
function meanChange(picture: PictureTensor, isInside: boolean): number {
  const mask = box();
  let sum = 0;
  let count = 0;
  for (let i = 0; i < picture.data.length; i++)
    if ((mask[i % mask.length] === 1) === isInside) {
      sum += Math.abs(picture.data[i]! - options.image.data[i]!);
      count++;
    }
  return sum / count;
}

describe("the starter pack", () => {
  it("repaints the hole and keeps what surrounds it", async () => {
    const picture = await inpaint(model, options);
    expect(meanChange(picture, true)).toBeGreaterThan(0.1);
    expect(meanChange(picture, false)).toBeLessThan(0.05);
  });

  it("follows the prompt: other words, another picture", async () => {
    const [cat, house] = [await inpaint(model, options), await inpaint(model, { ...options, prompt: "a red house" })];
    expect(largestDifference(cat.data, house.data)).toBeGreaterThan(0.5);
  });

  it("shows where it is heading before it is there", async () => {
    const changes: number[] = [];
    const finished = await inpaint(model, {
      ...options,
      onStep: async ({ step, predictedClean }) => {
        if (step % 5 !== 0) return;
        const preview = await model.latents.decode(predictedClean, options.image, { isTiled: false });
        changes.push(largestDifference(preview.data, options.image.data));
      },
    });
    expect(changes).toHaveLength(3);
    for (const change of changes) expect(change).toBeLessThan(3);
    expect(largestDifference(finished.data, options.image.data)).toBeGreaterThan(0.2);
  });
});
