import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Model } from "../../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../../shared/diffusion/models/open-model.ts";
import { runEdit } from "../../../../shared/editing/run-edit.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { cutoutRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { inRepository } from "../../../support/repository.ts";

const width = 80;
const height = 60;
let model: Model;
beforeAll(async () => {
  model = await openModel(new NodePackFiles(inRepository("tests/fixtures/packs/background")));
});
afterAll(() => model.release());

/** Red on blue, which the tiny network tells apart; the rightmost columns are transparent. */
function picture(): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const isSubject = x > 20 && x < 60 && y > 15 && y < 45;
    data.set(isSubject ? [230, 30, 20, 255] : [20, 40, 210, x >= 70 ? 0 : 255], pixel * 4);
  }
  return { width, height, data };
}

const request = cutoutRequestSchema.parse({ task: "cutout", model: "matte" });

describe("removing the background", () => {
  test("leaves the subject in its own pixels and nothing of the background", async () => {
    const image = picture();
    const [layer] = await runEdit(request, { image }, { model, now: () => 0 });
    const at = (x: number, y: number) => [...layer!.pixels.data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
    expect(layer!.area).toEqual({ x: 0, y: 0, width, height });
    expect(at(40, 30)).toEqual([230, 30, 20, 255]);
    expect(at(5, 5)).toEqual([0, 0, 0, 0]);
    expect(at(75, 30)).toEqual([0, 0, 0, 0]);
  });

  test("takes all of the source away beneath, so that the picture itself has to be replaced", async () => {
    const [layer] = await runEdit(request, { image: picture() }, { model, now: () => 0 });
    expect(layer!.erase?.data.every((value) => value === 255)).toBe(true);
    expect(layer!.plan).toMatchObject({
      task: "cutout",
      passes: [{ method: "matte", working: { width: 32, height: 32 } }],
    });
  });
});
