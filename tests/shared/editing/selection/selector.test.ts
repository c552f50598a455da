import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Model } from "../../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../../shared/diffusion/models/open-model.ts";
import { Selector } from "../../../../shared/editing/selection/selector.ts";
import type { GrayImage, RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import type { Selected } from "../../../../shared/protocol/selection.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { inRepository } from "../../../support/repository.ts";

const width = 120;
const height = 80;
let clicks: Model;
let matte: Model;
let embeddings = 0;

beforeAll(async () => {
  const files = new NodePackFiles(inRepository("tests/fixtures/packs/segmentation"));
  clicks = await openModel({
    readText: (path) => files.readText(path),
    openSession: async (path) => {
      const session = await files.openSession(path);
      if (!path.includes("vision_encoder")) return session;
      const run: typeof session.run = (feeds) => {
        embeddings += 1;
        return session.run(feeds);
      };
      return { ...session, run };
    },
  });
  matte = await openModel(new NodePackFiles(inRepository("tests/fixtures/packs/background")));
});
afterAll(async () => {
  await clicks.release();
  await matte.release();
});

const inDisc = (x: number, y: number) => Math.hypot(x - 60, y - 40) < 22;
const inStripe = (x: number) => x >= 100;

function picture(): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const colour = inDisc(x, y) ? [220, 40, 30] : inStripe(x) ? [40, 190, 50] : [40, 60, 200];
    data.set([...colour, 255], pixel * 4);
  }
  return { width, height, data };
}

const scene = (key = "a") => ({ key, read: async () => picture() });

/** Share of the union of what was found and what is meant that is in both. */
function overlap({ data }: GrayImage, isMeant: (x: number, y: number) => boolean): number {
  let [both, either] = [0, 0];
  for (let pixel = 0; pixel < data.length; pixel += 1) {
    const isFound = data[pixel]! > 127;
    const meant = isMeant(pixel % width, Math.floor(pixel / width));
    if (isFound && meant) both += 1;
    if (isFound || meant) either += 1;
  }
  return both / either;
}

describe("finding things in a picture", () => {
  test("answers what a click shows, at the picture's size", async () => {
    const points = [{ x: 110, y: 20, isPart: true }];
    const mask = await new Selector().select(clicks, scene(), { type: "object", points });
    expect(mask).toMatchObject({ width, height });
    expect(overlap(mask, inStripe)).toBeGreaterThan(0.6); // its masks have 16 cells a side
  });

  test("looks at a picture once, and again when another came in between", async () => {
    const selector = new Selector();
    const before = embeddings;
    const ask = (key: string, x: number) =>
      selector.select(clicks, scene(key), { type: "object", points: [{ x, y: 40, isPart: true }] });
    await ask("a", 60);
    await ask("a", 110);
    await ask("a", 5);
    expect(embeddings - before).toBe(1);
    await ask("b", 60);
    await ask("a", 60);
    expect(embeddings - before).toBe(3);
  });

  test("takes what stands in the middle for the subject, not the ground", async () => {
    expect(overlap(await new Selector().select(clicks, scene(), { type: "subject" }), inDisc)).toBeGreaterThan(0.6);
    expect(overlap(await new Selector().select(matte, scene(), { type: "subject" }), inDisc)).toBeGreaterThan(0.8);
  });

  test("refuses a click beside the picture, and a model that takes none", async () => {
    const beside: Selected = { type: "object", points: [{ x: 120, y: 0, isPart: true }] };
    await expect(new Selector().select(clicks, scene(), beside)).rejects.toMatchObject({ code: "invalid-request" });
    await expect(new Selector().select(matte, scene(), beside)).rejects.toMatchObject({ code: "unsupported-model" });
  });
});
