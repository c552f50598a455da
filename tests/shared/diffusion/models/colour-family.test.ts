import { describe, expect, test } from "vitest";
import { families, openModel } from "../../../../shared/diffusion/models/open-model.ts";
import { runEdit } from "../../../../shared/editing/run-edit.ts";
import { layerOver } from "../../../../shared/imaging/compose/composite.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { type EditRequestInput, editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { colourFamily } from "./colour-family/colour-family.ts";

const index = JSON.stringify({ _class_name: "ColourPipeline" });
const files = {
  readText: async (path: string) => (path === "model_index.json" ? index : undefined),
  openSession: () => Promise.reject(new Error("The family has no graphs.")),
};

/** Plain grey, opaque. */
function ground(width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4).fill(128);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { width, height, data };
}

async function edit(wish: EditRequestInput, image?: RgbaImage, mask?: Uint8Array) {
  const model = await openModel(files, { families: [...families, colourFamily] });
  const inputs = { image, mask: image && mask && { width: image.width, height: image.height, data: mask } };
  const [layer] = await runEdit(editRequestSchema.parse(wish), inputs, { model, now: () => 0 });
  if (layer === undefined) throw new Error("One layer was asked for.");
  return layer;
}

/** Red, green and blue at a place. */
function at({ width, data }: RgbaImage, x: number, y: number): readonly number[] {
  return [...data.slice((y * width + x) * 4, (y * width + x) * 4 + 3)];
}

describe("a family that is a folder and a line in the list", () => {
  test("is unknown without the line", async () => {
    await expect(openModel(files)).rejects.toMatchObject({
      code: "unsupported-model",
      message: expect.stringContaining("ColourPipeline"),
    });
  });

  test("creates a picture of any size", async () => {
    const { pixels } = await edit({ task: "create", prompt: "red", width: 130, height: 71 });
    expect(pixels).toMatchObject({ width: 130, height: 71 });
    expect(at(pixels, 60, 40)).toEqual([255, 0, 0]);
  });

  test("inpaints what is painted and nothing else", async () => {
    const image = ground(160, 120);
    const mask = new Uint8Array(160 * 120);
    for (let y = 40; y < 90; y += 1) mask.fill(255, y * 160 + 50, y * 160 + 110);
    const { pixels, area } = await edit({ task: "inpaint", prompt: "red" }, image, mask);
    const whole = layerOver(image, pixels, area);
    const [red, , blue] = at(whole, 80, 65);
    expect(red).toBeGreaterThan(blue! + 200); // of three
    expect(at(whole, 5, 5)).toEqual([128, 128, 128]);
  });

  test("extends a picture to the exact size", async () => {
    const { pixels, area } = await edit({ task: "outpaint", prompt: "blue", left: 90, top: 31 }, ground(101, 67));
    expect(area).toEqual({ x: -90, y: -31, width: 191, height: 98 });
    const [red, , blue] = at(pixels, 20, 10);
    expect(blue).toBeGreaterThan(red! + 150); // of three
  });

  test("restyles in one piece and in tiles, from the seed's noise where its own cannot be found", async () => {
    for (const [width, height] of [
      [50, 40],
      [300, 90],
    ] as const) {
      const { pixels, plan } = await edit({ task: "restyle", prompt: "red", strength: 1 }, ground(width, height));
      expect(plan.passes).toMatchObject([{ method: "restyle", noise: "seed" }]);
      const [red, , blue] = at(pixels, 25, 20);
      expect(red).toBeGreaterThan(blue! + 100); // of three
    }
  });

  test("enlarges by refining", async () => {
    const { pixels } = await edit({ task: "upscale", prompt: "", width: 200, height: 150 }, ground(100, 75));
    expect(pixels).toMatchObject({ width: 200, height: 150 });
    expect(at(pixels, 100, 75).every((value) => Math.abs(value - 128) <= 2)).toBe(true);
  });
});
