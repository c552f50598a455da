import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tileLineMeasure } from "../../../../benchmarks/quality/measures/tile-lines.ts";
import type { Model } from "../../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../../shared/diffusion/models/open-model.ts";
import { imageToImage } from "../../../../shared/diffusion/pipelines/image-to-image.ts";
import { fromPictureTensor, toPictureTensor } from "../../../../shared/editing/context/picture-tensor.ts";
import type { EditProgress } from "../../../../shared/editing/passes/run-passes.ts";
import { runEdit } from "../../../../shared/editing/run-edit.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { runDefaults } from "../../../../shared/planning/plans/run-defaults.ts";
import { restyleRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { Plan } from "../../../../shared/protocol/plans/plan.ts";
import type { Tiling } from "../../../../shared/protocol/plans/tiling.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { requireDiffusion } from "../../../support/open-diffusion-model.ts";
import { inRepository } from "../../../support/repository.ts";

/** One model for text to image, and one for inpainting. */
const packs = ["tests/fixtures/packs/base", "models/starter"] as const;
/** Energy at the borders of tiles over energy elsewhere. */
const MAX_TILE_LINES = 1.05;

const restyle = (fields: object = {}) =>
  restyleRequestSchema.parse({
    task: "restyle",
    prompt: "a red ball",
    steps: 4,
    scheduler: "ddim",
    seed: 3,
    ...fields,
  });

/** A ball over a green field under a blue sky. */
function scene(width: number, height: number): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i += 1) {
    const x = ((i % width) + 0.5) / width;
    const y = (Math.floor(i / width) + 0.5) / height;
    const isBall = Math.hypot((x - 0.45) * width, (y - 0.55) * height) < 0.26 * Math.min(width, height);
    data.set([...(isBall ? [210, 60, 50] : y > 0.7 ? [130, 190, 90] : [150, 205, 245 - y * 20]), 255], i * 4);
  }
  return { width, height, data };
}

/** The scene cut out: soft around the ball, gone elsewhere. */
function cutOut(width: number, height: number): RgbaImage {
  const { data } = scene(width, height);
  for (let i = 0; i < width * height; i += 1) {
    const radius = Math.hypot((i % width) - 0.45 * width, Math.floor(i / width) - 0.55 * height);
    data[i * 4 + 3] = Math.min(255, Math.max(0, 255 * (0.3 * Math.min(width, height) - radius)));
  }
  return { width, height, data };
}

function tilingOf({ passes }: Plan): Tiling | undefined {
  const [pass] = passes;
  return pass?.method === "restyle" ? pass.tiling : undefined;
}

const alphaOf = ({ data }: RgbaImage) => Uint8Array.from(data.filter((_, i) => i % 4 === 3));

function meanColour({ data }: RgbaImage): number[] {
  const sums = [0, 0, 0];
  for (const [i, value] of data.entries()) if (i % 4 < 3) sums[i % 4]! += (value * 4) / data.length;
  return sums;
}

function meanDifference(a: RgbaImage, b: RgbaImage): number {
  let sum = 0;
  for (const [i, value] of a.data.entries()) sum += Math.abs(value - b.data[i]!);
  return sum / a.data.length;
}

describe.each(packs)("restyling with %s", (folder) => {
  let model: Model;
  beforeAll(async () => {
    model = await openModel(new NodePackFiles(inRepository(folder)));
  });
  afterAll(() => model.release());
  const run = async (image: RgbaImage, fields: object = {}, references: readonly RgbaImage[] = []) => {
    const [layer] = await runEdit(restyle(fields), { image, references }, { model, now: () => 0 });
    return layer!;
  };

  test.each([
    [1, 1],
    [37, 90],
    [150, 11],
  ])("covers a source of %d×%d exactly", async (width, height) => {
    const { area, pixels } = await run(scene(width, height), { strength: 0.5 });
    expect(area).toEqual({ x: 0, y: 0, width, height });
    expect([pixels.width, pixels.height]).toEqual([width, height]);
  });

  test("covers a source larger than the model exactly, in tiles", async () => {
    const { nativeSize, largestSize = nativeSize } = model.facts;
    const image = scene(2 * largestSize + 13, largestSize + 7);
    const { plan, pixels } = await run(image, { strength: 0.5, steps: 2 });
    expect(tilingOf(plan)?.columns.length).toBeGreaterThan(1);
    expect([pixels.width, pixels.height]).toEqual([image.width, image.height]);
  });

  test.each([true, false])("keeps a cut-out's opacity, bit for bit (layout kept: %s)", async (keepLayout) => {
    const image = cutOut(90, 70);
    const { pixels } = await run(image, { keepLayout });
    expect(alphaOf(pixels)).toEqual(alphaOf(image));
  });

  test("draws the same from the same seed, and other variants from other seeds, layout kept or not", async () => {
    const image = scene(64, 64);
    for (const keepLayout of [true, false]) {
      const layers = await runEdit(restyle({ keepLayout, count: 2 }), { image }, { model, now: () => 0 });
      const again = await run(image, { keepLayout, seed: 4 });
      expect(again.pixels.data).toEqual(layers[1]!.pixels.data);
      expect(again.pixels.data).not.toEqual(layers[0]!.pixels.data);
    }
  });

  test("refuses a reference in which nothing shows", async () => {
    const nothing = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 4) };
    await expect(run(scene(128, 128), {}, [scene(16, 16), nothing])).rejects.toMatchObject({ code: "invalid-request" });
  });

  test("carries a reference's colours over, the more the stronger", async () => {
    const image = scene(64, 64);
    const purple = { ...scene(40, 50) };
    for (let i = 0; i < 40 * 50; i += 1) purple.data.set([120 + (i % 40), 30, 150 + (i % 50)], i * 4);
    const distances = [];
    for (const referenceStrength of [0, 0.5, 1]) {
      const { pixels } = await run(image, { referenceStrength }, [purple]);
      distances.push(Math.hypot(...meanColour(pixels).map((value, c) => value - meanColour(purple)[c]!)));
    }
    expect(distances[1]).toBeLessThan(0.8 * distances[0]!);
    expect(distances[2]).toBeLessThan(30);
  });

  test("takes over the mean of two references' styles, from the same seed the same", async () => {
    const image = scene(64, 64);
    const flat = (colour: readonly number[]) => {
      const picture = scene(48, 48);
      for (let i = 0; i < 48 * 48; i += 1)
        picture.data.set(
          colour.map((value) => value + (i % 20)),
          i * 4,
        );
      return picture;
    };
    const [blue, red] = [flat([20, 40, 180]), flat([190, 40, 30])];
    const redness = async (...references: RgbaImage[]) => {
      const [r, , b] = meanColour(
        (await run(image, { referenceStrength: 1, keepLayout: false, steps: 2 }, references)).pixels,
      );
      return r! - b!;
    };
    const [ofBlue, ofBoth, ofRed] = [await redness(blue), await redness(blue, red), await redness(red)];
    expect(Math.abs(ofBoth - (ofBlue + ofRed) / 2)).toBeLessThan(0.2 * (ofRed - ofBlue));
    expect(await redness(blue, red)).toBe(ofBoth);
  });

  test("counts the run backwards among the steps, once for all variants", async () => {
    const seen: EditProgress[] = [];
    const onProgress = (progress: EditProgress) => void seen.push(progress);
    await runEdit(
      restyle({ strength: 1, count: 2, prompt: "", steps: 4 }),
      { image: scene(64, 64) },
      { model, now: () => 0, onProgress },
    );
    const counted = (variant: number) => seen.filter((progress) => progress.variant === variant);
    expect(counted(0).map(({ step, steps }) => [step, steps])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((step) => [step, 8]),
    );
    expect(counted(1).map(({ step, steps }) => [step, steps])).toEqual([1, 2, 3, 4].map((step) => [step, 4]));
    expect(counted(0).some(({ preview }) => preview?.pixels.width === 64)).toBe(true);
  });

  test("stops when cancelled, while it runs backwards too", async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const options = { model, now: () => 0, signal: controller.signal, onProgress };
    await expect(runEdit(restyle(), { image: scene(64, 64) }, options)).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("restyling with the starter", () => {
  let model: Model;
  beforeAll(async () => {
    model = await openModel(new NodePackFiles(inRepository("models/starter")));
  });
  afterAll(() => model.release());
  const run = async (image: RgbaImage, fields: object) => {
    const [layer] = await runEdit(restyle({ steps: 10, ...fields }), { image }, { model, now: () => 0 });
    return layer!;
  };

  test("leaves the source farther behind with every increase of strength, and keeps its layout better when told to", async () => {
    const image = scene(128, 128);
    const differences = [];
    for (const strength of [0.15, 0.4, 1])
      differences.push(meanDifference((await run(image, { strength })).pixels, image));
    expect(differences).toEqual(differences.toSorted((a, b) => a - b));
    const free = meanDifference((await run(image, { strength: 1, keepLayout: false })).pixels, image);
    expect(free).toBeGreaterThan(differences[2]!);
  });

  test("shows no line where tiles meet; drawn one by one, they would", async () => {
    const image = scene(352, 256);
    const fields = { strength: 0.6, prompt: "a ball, 3d style" };
    const { pixels, plan } = await run(image, fields);
    const { columns, rows, tileWidth, tileHeight } = tilingOf(plan)!;
    const borders = {
      columns: columns.flatMap((x) => [x, x + tileWidth]),
      rows: rows.flatMap((y) => [y, y + tileHeight]),
    };
    expect(tileLineMeasure(pixels, borders, 8, image)).toBeLessThan(MAX_TILE_LINES);

    const apart = { ...image, data: image.data.slice() };
    const part = { width: 128, height: 128 };
    for (const [x, y] of [
      [0, 0],
      [128, 0],
      [0, 128],
      [128, 128],
    ] as const) {
      const drawn = await run(cut(image, { ...part, x, y }), fields);
      paste(apart, drawn.pixels, x, y);
    }
    expect(tileLineMeasure(apart, { columns: [128], rows: [128] }, 8, image)).toBeGreaterThan(1.5);
  });
});

function cut(image: RgbaImage, area: { x: number; y: number; width: number; height: number }): RgbaImage {
  const data = new Uint8Array(area.width * area.height * 4);
  for (let row = 0; row < area.height; row += 1) {
    const start = ((area.y + row) * image.width + area.x) * 4;
    data.set(image.data.subarray(start, start + area.width * 4), row * area.width * 4);
  }
  return { width: area.width, height: area.height, data };
}

function paste(image: RgbaImage, part: RgbaImage, x: number, y: number): void {
  for (let row = 0; row < part.height; row += 1) {
    const line = part.data.subarray(row * part.width * 4, (row + 1) * part.width * 4);
    image.data.set(line, ((y + row) * image.width + x) * 4);
  }
}

test("draws what the bare pipeline draws when plain", async () => {
  const model = requireDiffusion(await openModel(new NodePackFiles(inRepository("tests/fixtures/packs/base"))));
  try {
    const image = scene(96, 64);
    const [layer] = await runEdit(restyle({ plain: true, strength: 0.5 }), { image }, { model, now: () => 0 });
    const { prompt, steps, seed } = restyle();
    const { guidanceScale } = runDefaults(model.facts);
    const drawn = await imageToImage(model, {
      prompt,
      negativePrompt: "",
      image: toPictureTensor({ width: 96, height: 64, channels: 4, data: Float32Array.from(image.data) }),
      scheduler: "ddim",
      steps: steps!,
      strength: 0.5,
      guidanceScale,
      seed,
      longPrompts: "truncate",
    });
    const colours = layer!.pixels.data.filter((_, i) => i % 4 !== 3);
    expect(colours).toEqual(Uint8ClampedArray.from(fromPictureTensor(drawn).data));
  } finally {
    await model.release();
  }
});
