import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Model } from "../../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../../shared/diffusion/models/open-model.ts";
import { runEdit, runPlan } from "../../../../shared/editing/run-edit.ts";
import { paintOver } from "../../../../shared/imaging/compose/composite.ts";
import type { GrayImage, RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { type EditRequestInput, inpaintRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { planSchema } from "../../../../shared/protocol/plans/plan.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { inRepository } from "../../../support/repository.ts";

/** Native side 64: two of the holes are farther apart than it sees. */
const width = 300;
const height = 120;
const holes = [
  { x: 20, y: 30, radius: 8 },
  { x: 270, y: 80, radius: 6 },
];
const ground = [60, 120, 180] as const;
const thing = [250, 20, 30] as const;

let model: Model;
beforeAll(async () => {
  const files = new NodePackFiles(inRepository("tests/fixtures/packs/erase-bytes"));
  model = await openModel({
    readText: (path) => files.readText(path),
    openSession: (path) => files.openSession(path),
    listGraphs: async () => ["migan_pipeline_v2.onnx"],
  });
});
afterAll(() => model.release());

const isIn = (x: number, y: number) => holes.some((hole) => Math.hypot(x - hole.x, y - hole.y) < hole.radius);

function scene(): { readonly image: RgbaImage; readonly mask: GrayImage } {
  const image = { width, height, data: new Uint8ClampedArray(width * height * 4) };
  const mask = { width, height, data: new Uint8ClampedArray(width * height) };
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      image.data.set([...(isIn(x, y) ? thing : ground), 255], (y * width + x) * 4);
      if (isIn(x, y)) mask.data[y * width + x] = 255;
    }
  return { image, mask };
}

async function remove(wish: Partial<EditRequestInput> = {}) {
  const inputs = scene();
  const request = inpaintRequestSchema.parse({ intent: "remove", grow: 2, feather: 0, ...wish, task: "inpaint" });
  const [layer] = await runEdit(request, inputs, { model, now: () => 0 });
  const result = { ...inputs.image, data: Uint8ClampedArray.from(inputs.image.data) };
  paintOver(result, layer!.pixels, layer!.area);
  return { inputs, layer: layer!, result };
}

describe("a removal by an erase network", () => {
  test("takes the thing away, and keeps every pixel farther than its seam bit-identical", async () => {
    const { inputs, result, layer } = await remove();
    expect(layer.plan.passes.map(({ method }) => method)).toEqual(["erase", "erase"]);
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      const now = result.data.subarray(pixel * 4, pixel * 4 + 3);
      if (isIn(x, y)) expect([...now], `pixel ${x}, ${y}`).toEqual([...ground]);
      else expect([...now], `pixel ${x}, ${y}`).toEqual([...inputs.image.data.subarray(pixel * 4, pixel * 4 + 3)]);
    }
  });

  test("draws the same bytes again from the plan that the recipe holds", async () => {
    const { inputs, layer } = await remove();
    const plan = planSchema.parse(JSON.parse(JSON.stringify(layer.plan)));
    const [again] = await runPlan(plan, inputs, { model, now: () => 0 });
    expect(again!.pixels.data).toEqual(layer.pixels.data);
  });

  test("makes one picture of several variants: nothing in it is chance", async () => {
    const { inputs } = await remove();
    const request = inpaintRequestSchema.parse({ task: "inpaint", intent: "remove", count: 2 });
    const [first, second] = await runEdit(request, inputs, { model, now: () => 0 });
    expect(second!.pixels).toBe(first!.pixels);
  });
});
