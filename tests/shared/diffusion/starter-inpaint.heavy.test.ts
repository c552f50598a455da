import { afterAll, beforeAll, describe, it } from "vitest";
import { ModelPack } from "../../../shared/diffusion/model-pack.ts";
import type { PictureTensor } from "../../../shared/diffusion/picture-tensor.ts";
import { type InpaintOptions, inpaint } from "../../../shared/diffusion/pipelines/inpaint.ts";
import { NodePackFiles } from "../../support/node-pack-files.ts";
import { inRepository } from "../../support/repository.ts";

const SIDE = 128;

let pack: ModelPack;
beforeAll(async () => {
  pack = await ModelPack.open(new NodePackFiles(inRepository("models/starter")));
});
afterAll(() => pack.release());

function gradient(): PictureTensor {
  const data = new Float32Array(3 * SIDE * SIDE);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      data[y * SIDE + x] = (x / 127) * 2 - 1;
      data[SIDE * SIDE + y * SIDE + x] = (y / 127) * 2 - 1;
      data[2 * SIDE * SIDE + y * SIDE + x] = 0.25;
    }
  return { width: SIDE, height: SIDE, data };
}

function box(): Float32Array {
  const mask = new Float32Array(SIDE * SIDE);
  for (let y = 30; y < 100; y++) mask.fill(1, y * SIDE + 40, y * SIDE + 90);
  return mask;
}

const options: InpaintOptions = {
  prompt: "a cat face, flat",
  negativePrompt: "noto",
  image: gradient(),
  mask: box(),
  steps: 12,
  guidanceScale: 2.5,
  strength: 1,
  seed: 7,
  longPrompts: "truncate",
};

describe("the starter pack", () => {
  it("x", async () => {
    for (const scheduler of [undefined, "ddim"] as const)
      for (const strength of [1, 0.6]) {
        const t0 = performance.now();
        const p = await inpaint(pack, { ...options, strength, scheduler });
        console.log(
          scheduler,
          strength,
          p.data.slice(5000, 5003),
          p.data.reduce((a, b) => a + Math.abs(b), 0),
          performance.now() - t0,
        );
      }
    console.log(pack.facts);
  });
});
