import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tileLineMeasure } from "../../../../benchmarks/quality/measures/tile-lines.ts";
import type { Model } from "../../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../../shared/diffusion/models/open-model.ts";
import { runEdit } from "../../../../shared/editing/run-edit.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { type UpscaleRequest, upscaleRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { UpscalePlan } from "../../../../shared/protocol/plans/plan.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { inRepository } from "../../../support/repository.ts";

/** Energy at the borders of tiles over energy elsewhere. */
const MAX_TILE_LINES = 1.05;

/** A picture with edges, plain ground and a transparent corner. */
function scene(width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const isDisc = Math.hypot(x - width * 0.6, y - height * 0.5) < height * 0.3;
    const isClear = x + y < width / 4;
    data.set([isDisc ? 220 : 60, isDisc ? 90 : 120 + (y % 16), 150, isClear ? 0 : 255], i * 4);
  }
  return { width, height, data };
}

/** Smooth ground, on which any line would show. */
function hills(width: number, height: number, scale = 1): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) / scale, Math.floor(i / width) / scale];
    data.set([120 + 60 * Math.sin(x / 30), 140 + 50 * Math.cos(y / 25), 100 + 40 * Math.sin((x + y) / 40), 255], i * 4);
  }
  return { width, height, data };
}

async function enlarge(model: Model, image: RgbaImage, width: number, height: number, more: object = {}) {
  const request: UpscaleRequest = upscaleRequestSchema.parse({ task: "upscale", width, height, ...more });
  const progress: number[][] = [];
  const [layer] = await runEdit(
    request,
    { image },
    { model, now: () => 0, onProgress: ({ step, steps }) => void progress.push([step, steps]) },
  );
  return { layer: layer!, progress };
}

function meanDifference(a: RgbaImage, image: RgbaImage): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.width * a.height; i++) {
    if (a.data[i * 4 + 3] !== 255) continue;
    const x = Math.floor(((i % a.width) * image.width) / a.width);
    const y = Math.floor((Math.floor(i / a.width) * image.height) / a.height);
    for (let c = 0; c < 3; c++) sum += a.data[i * 4 + c]! - image.data[(y * image.width + x) * 4 + c]!;
    count += 3;
  }
  return Math.abs(sum / count);
}

describe.each([
  { name: "the fast network", folders: ["models/fast-upscale"], method: "super-resolve", size: [90, 70] },
  {
    name: "the diffusion upscaler that ships",
    folders: ["models/starter-upscale"],
    method: "enlarge",
    size: [90, 70],
  },
  {
    name: "a diffusion upscaler with text",
    folders: ["tests/fixtures/packs/base", "tests/fixtures/packs/upscale"],
    method: "enlarge",
    size: [40, 27],
    more: { steps: 3 },
  },
  { name: "a text-to-image model", folders: ["tests/fixtures/packs/base"], method: "refine", size: [50, 37] },
  { name: "an inpainting model", folders: ["models/starter"], method: "refine", size: [90, 70] },
])("enlarging with $name", ({ folders, method, size, more }) => {
  const [width, height] = size as [number, number];
  const image = scene(width, height);
  const target = { width: width * 3 + 1, height: height * 2 + 5 };
  let model: Model;
  beforeAll(async () => {
    model = await openModel(new NodePackFiles(...folders.map(inRepository)));
  });
  afterAll(() => model.release());

  it("makes the exact size, keeps brightness and cut-out, and the same bytes every time", async () => {
    const { layer, progress } = await enlarge(model, image, target.width, target.height, more);
    expect(layer.plan).toMatchObject({ passes: [{ method }] });
    expect(layer.pixels).toMatchObject(target);
    expect(layer.area).toEqual({ x: 0, y: 0, width, height });
    expect([...layer.pixels.data.slice(0, 4)]).toEqual([0, 0, 0, 0]);
    expect(layer.pixels.data.at(-1)).toBe(255);
    expect(meanDifference(layer.pixels, image)).toBeLessThan(2);
    expect(progress).toEqual(progress.map((_, i) => [i + 1, progress.length]));

    const again = await enlarge(model, image, target.width, target.height, more);
    expect(again.layer.pixels.data).toEqual(layer.pixels.data);
  });

  it("enlarges a single pixel, near its colour even with untrained weights", async () => {
    const dot = { width: 1, height: 1, data: Uint8Array.of(200, 100, 50, 255) };
    const { layer } = await enlarge(model, dot, 3, 5, more);
    expect(layer.pixels).toMatchObject({ width: 3, height: 5 });
    for (const [c, value] of [200, 100, 50].entries()) {
      let sum = 0;
      for (let i = c; i < 60; i += 4) sum += layer.pixels.data[i]!;
      expect(Math.abs(sum / 15 - value)).toBeLessThan(24);
    }
  });
});

it("leaves no lines where refined tiles meet", async () => {
  const model = await openModel(new NodePackFiles(inRepository("models/starter")));
  const { layer } = await enlarge(model, hills(100, 80), 400, 320, {});
  await model.release();
  const { columns, rows, tileWidth, tileHeight } = (layer.plan as UpscalePlan).passes[0].tiling;
  expect(columns.length * rows.length).toBeGreaterThan(4);
  const borders = {
    columns: columns.flatMap((x) => [x, x + tileWidth]),
    rows: rows.flatMap((y) => [y, y + tileHeight]),
  };
  // The hills' own slopes are a little steeper at these borders than beside them, which is no line.
  const slopes = tileLineMeasure(hills(400, 320, 4), borders, 8);
  expect(tileLineMeasure(layer.pixels, borders, 8) / slopes).toBeLessThan(MAX_TILE_LINES);
});

it("draws with the diffusion upscaler that ships the same in tiles as in one piece", async () => {
  const model = await openModel(new NodePackFiles(inRepository("models/starter-upscale")));
  const image = hills(300, 280);
  const { layer: tiled, progress } = await enlarge(model, image, 1200, 1120);
  const { layer: whole } = await enlarge(model, image, 1200, 1120, { plain: true });
  await model.release();
  const { columns, rows } = (tiled.plan as UpscalePlan).passes[0].tiling;
  expect(columns.length * rows.length).toBe(4);
  // Its single step is told tile by tile, then each tile is painted.
  expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((step) => [step, 8]));
  // What a pixel depends on ends within the overlap; holding the brightness, which a plain run leaves out, rounds once more.
  expect(largestDifference(tiled.pixels.data, whole.pixels.data)).toBeLessThanOrEqual(2);
});
