import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Model } from "../../../../shared/diffusion/models/model-family.ts";
import type { EditedLayer, EditProgress } from "../../../../shared/editing/passes/run-passes.ts";
import { runEdit } from "../../../../shared/editing/run-edit.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { upscaleRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { networkPack } from "../../../support/network-pack.ts";

/** Smooth hills with some detail, opaque unless `alpha` says otherwise. */
function hills(width: number, height: number, alpha: (x: number, y: number) => number = () => 255): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const value = 128 + 60 * Math.sin(x / 5) + 40 * Math.cos(y / 3 + x / 17);
    data.set([value, 255 - value, (value * 7) % 256, alpha(x, y)], i * 4);
  }
  return { width, height, data };
}

async function enlarge(
  model: Model,
  image: RgbaImage,
  width: number,
  height: number,
  more: {
    readonly count?: number;
    readonly plain?: boolean;
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: EditProgress) => void;
  } = {},
): Promise<readonly EditedLayer[]> {
  const { count = 1, plain = false, ...options } = more;
  const request = upscaleRequestSchema.parse({ task: "upscale", width, height, count, plain });
  return await runEdit(request, { image }, { model, now: () => 0, ...options });
}

function worstDifference(a: RgbaImage, b: RgbaImage): number {
  let worst = 0;
  for (const [i, value] of a.data.entries()) worst = Math.max(worst, Math.abs(value - b.data[i]!));
  return worst;
}

describe("upscaling by a network", () => {
  it("makes exactly the wanted size of any picture, in the source's place", async () => {
    const model = await networkPack({ factor: 2, radius: 1, nativeSize: 24 });
    const sizes = fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 40 }),
      moreWidth: fc.integer({ min: 0, max: 90 }),
      moreHeight: fc.integer({ min: 0, max: 90 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ width, height, moreWidth, moreHeight }) => {
        const target = { width: width + moreWidth, height: height + moreHeight };
        const [layer] = await enlarge(model, hills(width, height), target.width, target.height);
        expect(layer!.pixels).toMatchObject(target);
        expect(layer!.pixels.data).toHaveLength(target.width * target.height * 4);
        expect(layer!.area).toEqual({ x: 0, y: 0, width, height });
      }),
      { numRuns: 25 },
    );
  });

  it("leaves no trace of its tiles: the result equals the untiled one", async () => {
    const image = hills(75, 61);
    const [whole] = await enlarge(await networkPack({ nativeSize: 400 }), image, 150, 122);
    const runs: string[] = [];
    const tiled = await networkPack({ nativeSize: 30, onRun: (width, height) => runs.push(`${width}×${height}`) });
    const [layer] = await enlarge(tiled, image, 150, 122);
    expect(runs.length).toBeGreaterThan(16);
    expect(new Set(runs)).toEqual(new Set(["30×30"]));
    expect(worstDifference(layer!.pixels, whole!.pixels)).toBeLessThanOrEqual(1);
  });

  it("leaves no trace of its tiles around a cut-out either", async () => {
    const image = hills(75, 61, (x, y) => (Math.hypot(x - 40, y - 30) < 21 ? 255 : 0));
    const [whole] = await enlarge(await networkPack({ nativeSize: 400 }), image, 131, 100);
    const [layer] = await enlarge(await networkPack({ nativeSize: 30 }), image, 131, 100);
    expect(worstDifference(layer!.pixels, whole!.pixels)).toBeLessThanOrEqual(1);
  });

  it("gives back the source when reduced again", async () => {
    const image = hills(40, 40);
    const [layer] = await enlarge(await networkPack({ factor: 4, radius: 3 }), image, 160, 160);
    let difference = 0;
    for (let y = 8; y < 32; y++)
      for (let x = 8; x < 32; x++) {
        let sum = 0;
        for (let i = 0; i < 16; i++) sum += layer!.pixels.data[((4 * y + (i >> 2)) * 160 + 4 * x + (i & 3)) * 4]!;
        difference += Math.abs(sum / 16 - image.data[(y * 40 + x) * 4]!) / 24 ** 2;
      }
    // The network alone averages over 7 × 7 pixels, and is wrong by more than ten levels.
    expect(difference).toBeLessThan(4);
  });

  it("draws nothing where nothing can be seen, and keeps hidden colours out of the edge", async () => {
    const red = { width: 64, height: 64, data: new Uint8ClampedArray(64 * 64 * 4) };
    // Everything is green but for a red square, and only the square is visible.
    for (let i = 0; i < 64 * 64; i++) {
      const isInside = i % 64 < 8 && i < 64 * 8;
      red.data.set(isInside ? [200, 0, 0, 255] : [0, 255, 0, 0], i * 4);
    }
    let runs = 0;
    const model = await networkPack({ nativeSize: 34, radius: 2, onRun: () => (runs += 1) });
    const [layer] = await enlarge(model, red, 128, 128);
    expect(runs).toBe(1);
    const { data } = layer!.pixels;
    for (let i = 0; i < 128 * 128; i++) {
      const [r, g, b, a] = data.subarray(i * 4, i * 4 + 4);
      if (a === 0) expect([r, g, b]).toEqual([0, 0, 0]);
      else expect(g).toBeLessThanOrEqual(6);
    }
    expect(data[3]).toBe(255);
    expect(data.at(-1)).toBe(0);
  });

  it("interpolates the opacity", async () => {
    const image = hills(20, 20, (x) => x * 10);
    const [layer] = await enlarge(await networkPack(), image, 40, 40);
    const opacity = (x: number): number => layer!.pixels.data[(20 * 40 + x) * 4 + 3]!;
    for (let x = 5; x < 34; x++) expect(opacity(x)).toBeCloseTo(((x + 0.5) / 2 - 0.5) * 10, -1);
  });

  it("makes the same bytes every time, and of a picture without chance one for all variants", async () => {
    const model = await networkPack();
    const [first] = await enlarge(model, hills(33, 21), 70, 50);
    const again = await enlarge(model, hills(33, 21), 70, 50, { count: 2 });
    expect(again.map(({ variant, seed }) => [variant, seed])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    for (const layer of again) expect(layer.pixels.data).toEqual(first!.pixels.data);
  });

  it("reports every tile", async () => {
    const steps: (readonly number[])[] = [];
    const onProgress = ({ step, steps: total }: EditProgress) => steps.push([step, total]);
    await enlarge(await networkPack({ nativeSize: 30 }), hills(30, 20), 60, 40, { onProgress });
    expect(steps.length).toBeGreaterThan(2);
    expect(steps).toEqual(steps.map((_, i) => [i + 1, steps.length]));
  });

  it("stops between tiles", async () => {
    const controller = new AbortController();
    let runs = 0;
    const onRun = (): void => {
      runs += 1;
      controller.abort();
    };
    const model = await networkPack({ nativeSize: 30, onRun });
    await expect(enlarge(model, hills(75, 61), 150, 122, { signal: controller.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(runs).toBe(1);
  });

  it("runs the bare network on the whole picture when asked to", async () => {
    const image = hills(50, 40);
    const sizes: string[] = [];
    const model = await networkPack({ nativeSize: 20, onRun: (width, height) => sizes.push(`${width}×${height}`) });
    const [layer] = await enlarge(model, image, 100, 80, { plain: true });
    expect(sizes).toEqual(["50×40"]);
    // Zeros beyond the border darken the corner, which nothing corrects.
    expect(layer!.pixels.data[0]).toBeLessThan(image.data[0]! * 0.6);
  });
});
