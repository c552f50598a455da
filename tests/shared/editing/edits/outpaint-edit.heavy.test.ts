import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Model } from "../../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../../shared/diffusion/models/open-model.ts";
import { runEdit } from "../../../../shared/editing/run-edit.ts";
import { layerOver } from "../../../../shared/imaging/compose/composite.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { type EditRequestInput, editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { inRepository } from "../../../support/repository.ts";

type Extension = Omit<Extract<EditRequestInput, { task: "outpaint" }>, "task">;

let starter: Model;
beforeAll(async () => {
  starter = await openModel(new NodePackFiles(inRepository("models/starter")));
});
afterAll(() => starter.release());

/** The picture with its extension around it, and where the joins of its pieces are. */
async function extend(image: RgbaImage, wish: Extension): Promise<{ picture: RgbaImage; joins: readonly number[] }> {
  const request = editRequestSchema.parse({ task: "outpaint", ...wish });
  const [layer] = await runEdit(request, { image }, { model: starter, now: () => 0 });
  if (layer?.plan.task !== "outpaint") throw new Error("There is no extension.");
  const { area, pixels, plan } = layer;
  const canvas = { ...pixels, data: new Uint8ClampedArray(pixels.data.length) };
  const below = layerOver(canvas, image, { x: -area.x, y: -area.y });
  const drawn = plan.passes.filter(({ kind }) => kind === "compose").flatMap(({ fills }) => fills.map(({ x }) => x));
  const joins = drawn.map((x) => x - area.x).filter((x) => x > 0 && x !== image.width - area.x);
  return { picture: layerOver(below, pixels, { x: 0, y: 0 }), joins };
}

function flat(width: number, height: number, colour: readonly [number, number, number]): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i += 4) data.set([...colour, 255], i);
  return { width, height, data };
}

/** By how many levels a column differs from the one before it, in the mean. */
function stepAt({ width, height, data }: RgbaImage, x: number): number {
  let sum = 0;
  for (let y = 0; y < height; y += 1)
    for (let c = 0; c < 3; c += 1) {
      const i = (y * width + x) * 4 + c;
      sum += Math.abs(data[i]! - data[i - 4]!);
    }
  return sum / (3 * height);
}

function meanColour({ width, height, data }: RgbaImage, left: number): number[] {
  const sums = [0, 0, 0];
  for (let y = 0; y < height; y += 1)
    for (let x = left; x < width; x += 1)
      for (let c = 0; c < 3; c += 1) sums[c]! += data[(y * width + x) * 4 + c]! / (height * (width - left));
  return sums;
}

describe("an extension in pieces", () => {
  const banner = flat(728, 90, [240, 240, 240]);

  test.each([{ left: 271 }, { left: 300 }, { left: 140, right: 140 }, { left: 90, top: 60 }])(
    "is drawn from the border outwards: %o",
    async (sides) => {
      const { picture } = await extend(banner, { ...sides, steps: 2, scheduler: "ddim" });
      expect(picture.data.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
    },
  );

  test.each([
    { right: 300, seed: 1 },
    { right: 300, seed: 2 },
    { left: 300, seed: 3 },
  ])("shows no line where two of them meet: %o", async (wish) => {
    const { picture, joins } = await extend(banner, { ...wish, prompt: "a meadow" });
    expect(joins.length).toBeGreaterThan(0);
    for (const join of joins) {
      const beside = [-4, -3, -2, -1, 1, 2, 3, 4].map((away) => stepAt(picture, join + away));
      const usual = beside.reduce((sum, step) => sum + step, 0) / beside.length;
      expect(stepAt(picture, join)).toBeLessThanOrEqual(2 * usual);
    }
  });
});

describe("extensions of flat ground", () => {
  test.each([[[240, 240, 240]], [[90, 140, 200]]] as const)(
    "keep its colour, %j, eight times in a row",
    async (colour) => {
      let picture = flat(128, 128, colour);
      for (let seed = 1; seed <= 8; seed += 1) picture = (await extend(picture, { right: 64, seed })).picture;
      for (const [c, value] of meanColour(picture, picture.width - 32).entries())
        expect(Math.abs(value - colour[c]!)).toBeLessThanOrEqual(1);
    },
  );
});
