import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import type { EditedLayer, EditProgress } from "../../../shared/editing/passes/run-passes.ts";
import { type EditInputs, runEdit } from "../../../shared/editing/run-edit.ts";
import { layerOver } from "../../../shared/imaging/compose/composite.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { type EditRequestInput, editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import { NodePackFiles } from "../../support/node-pack-files.ts";
import { inRepository } from "../../support/repository.ts";

/** Tiny models with random weights: 4 channels, and 9, which see masks. */
const packs = {
  base: openModel(new NodePackFiles(inRepository("tests/fixtures/packs/base"))),
  inpaint: openModel(
    new NodePackFiles(inRepository("tests/fixtures/packs/base"), inRepository("tests/fixtures/packs/inpaint")),
  ),
};
afterAll(async () => {
  for (const model of Object.values(packs)) await (await model).release();
});
const kinds = ["base", "inpaint"] as const;
/** Each run costs a fraction of a second; an extension takes several. */
const RUNS = { numRuns: 15 };
const EXTENSION_RUNS = { numRuns: 6 };

async function edit(
  kind: keyof typeof packs,
  request: EditRequestInput,
  inputs: EditInputs,
  onProgress?: (progress: EditProgress) => void,
): Promise<readonly EditedLayer[]> {
  const wish = editRequestSchema.parse({ steps: 2, ...request });
  return await runEdit(wish, inputs, { model: await packs[kind], now: () => 0, onProgress });
}

function pictureOf(width: number, height: number, salt: number): RgbaImage {
  const data = Uint8Array.from(
    { length: width * height * 4 },
    (_, i) => (Math.imul(i + salt, 2_654_435_761) >>> 13) % 256,
  );
  return { width, height, data };
}

function opaque({ width, height, data }: RgbaImage): RgbaImage {
  return { width, height, data: data.map((value, i) => (i % 4 === 3 ? 255 : value)) };
}

const side = fc.integer({ min: 1, max: 150 });
const scene = fc.record({ width: side, height: side, salt: fc.nat({ max: 999 }), kind: fc.constantFrom(...kinds) });

describe("an inpainting", () => {
  const spot = fc.record({
    x: fc.double({ min: 0, max: 0.999, noNaN: true }),
    y: fc.double({ min: 0, max: 0.999, noNaN: true }),
    width: fc.integer({ min: 1, max: 60 }),
    height: fc.integer({ min: 1, max: 60 }),
    value: fc.constantFrom(255, 255, 90),
  });
  const spots = fc.array(spot, { minLength: 1, maxLength: 3 });
  const wish = fc.record({
    prompt: fc.constantFrom("", "a cat"),
    strength: fc.constantFrom(1, 0.5),
    intent: fc.constantFrom("auto", "remove", "background"),
  });

  test("leaves every pixel outside its reach alone, is opaque on opaque ground where the mask is white and lies inside the image", async () => {
    await fc.assert(
      fc.asyncProperty(
        scene,
        spots,
        wish,
        fc.boolean(),
        async ({ width, height, salt, kind }, painted, request, isCutOut) => {
          const image = isCutOut ? pictureOf(width, height, salt) : opaque(pictureOf(width, height, salt));
          const mask = { width, height, data: new Uint8Array(width * height) };
          for (const one of painted) {
            const [left, top] = [Math.floor(one.x * width), Math.floor(one.y * height)];
            for (let y = top; y < Math.min(height, top + one.height); y += 1)
              mask.data.fill(one.value, y * width + left, y * width + Math.min(width, left + one.width));
          }
          const [layer] = await edit(kind, { task: "inpaint", ...request }, { image, mask });
          if (layer?.plan.task !== "inpaint") throw new Error("There is no inpainted layer.");
          const { area, pixels, plan } = layer;
          expect([pixels.width, pixels.height]).toEqual([area.width, area.height]);
          expect([area.x >= 0, area.y >= 0, area.x + area.width <= width, area.y + area.height <= height]).toEqual([
            true,
            true,
            true,
            true,
          ]);
          const reach = Math.max(...plan.passes.map(({ mask }) => (mask ? mask.grow + mask.feather : 0)));
          const shown = layerOver(image, pixels, area);
          const wrong = { notOpaque: 0, touched: 0 };
          for (let i = 0; i < mask.data.length; i += 1) {
            const [x, y] = [i % width, Math.floor(i / width)];
            const isInside = x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height;
            const alpha = isInside ? pixels.data[((y - area.y) * area.width + x - area.x) * 4 + 3] : 0;
            if (!isCutOut && mask.data[i] === 255 && alpha !== 255) wrong.notOpaque += 1;
            const isTouched = [0, 1, 2, 3].some((c) => shown.data[i * 4 + c] !== image.data[i * 4 + c]);
            if (isTouched && !isPaintedNear(mask, x, y, reach)) wrong.touched += 1;
          }
          expect(wrong).toEqual({ notOpaque: 0, touched: 0 });
        },
      ),
      RUNS,
    );
  });

  test("covers everything where everything is painted", async () => {
    const image = opaque(pictureOf(70, 45, 3));
    const mask = { width: 70, height: 45, data: new Uint8Array(70 * 45).fill(255) };
    for (const kind of kinds) {
      const [layer] = await edit(kind, { task: "inpaint", prompt: "a cat" }, { image, mask });
      expect(layer?.area).toEqual({ x: 0, y: 0, width: 70, height: 45 });
      expect(layer?.pixels.data.filter((value, i) => i % 4 === 3 && value !== 255)).toHaveLength(0);
    }
  });

  test("gives the same bytes for the same request, and other pictures for the next variant", async () => {
    const image = pictureOf(90, 80, 5);
    const mask = { width: 90, height: 80, data: new Uint8Array(90 * 80) };
    mask.data.fill(255, 30 * 90 + 20, 30 * 90 + 50);
    for (const kind of kinds) {
      const first = await edit(kind, { task: "inpaint", seed: 4, count: 2 }, { image, mask });
      const again = await edit(kind, { task: "inpaint", seed: 4, count: 2 }, { image, mask });
      const next = await edit(kind, { task: "inpaint", seed: 5 }, { image, mask });
      expect(again).toEqual(first);
      expect(next[0]?.pixels).toEqual(first[1]?.pixels);
      expect(first[0]?.pixels).not.toEqual(first[1]?.pixels);
    }
  });

  test("draws variants together where memory allows, to the bytes they have alone, through regions and passes", async () => {
    const image = pictureOf(900, 700, 5);
    const mask = { width: 900, height: 700, data: new Uint8Array(900 * 700) };
    for (let y = 0; y < 300; y += 1) mask.data.fill(255, y * 900, y * 900 + 300);
    mask.data.fill(255, 690 * 900 + 850, 690 * 900 + 870);
    const request = editRequestSchema.parse({
      task: "inpaint",
      prompt: "a cat",
      steps: 5,
      count: 3,
      scheduler: "ddim",
    });
    const memory = { budget: Number.POSITIVE_INFINITY, gainsFromBatches: true };
    for (const kind of kinds) {
      const options = { model: await packs[kind], now: () => 0 };
      const seen: (readonly [number, number])[] = [];
      const onProgress = ({ variant, step, steps }: EditProgress) => void seen.push([variant * steps + step, steps]);
      const together = await runEdit(request, { image, mask }, { ...options, memory, onProgress });
      const alone = await runEdit(request, { image, mask }, options);
      expect(together[0]?.plan).toMatchObject({ batch: 3, passes: [{}, { start: "composed" }, {}] });
      expect(together.map(({ seed }) => seed)).toEqual(alone.map(({ seed }) => seed));
      // Compared as bytes: reporting a difference of millions of values takes minutes.
      const isSame = together.map(({ pixels }, k) =>
        Buffer.from(pixels.data).equals(Buffer.from(alone[k]!.pixels.data)),
      );
      expect(isSame).toEqual([true, true, true]);
      // Every step does three variants' work.
      expect(seen.map(([done]) => done)).toEqual(seen.map((_, i) => (i + 1) * 3));
      expect(seen.length).toBe(seen[0]?.[1]);
    }
  });

  test("counts its steps through all regions and passes", async () => {
    const image = pictureOf(900, 700, 5);
    const mask = { width: 900, height: 700, data: new Uint8Array(900 * 700) };
    for (let y = 0; y < 300; y += 1) mask.data.fill(255, y * 900, y * 900 + 300);
    mask.data.fill(255, 690 * 900 + 850, 690 * 900 + 870);
    const seen: EditProgress[] = [];
    const wish = { task: "inpaint", prompt: "a cat", steps: 5, scheduler: "ddim" } as const;
    const [layer] = await edit("base", wish, { image, mask }, (step) => void seen.push(step));
    expect(layer?.plan).toMatchObject({ passes: [{}, { start: "composed" }, {}] });
    expect(seen.map(({ step }) => step)).toEqual(seen.map((_, i) => i + 1));
    expect(new Set(seen.map(({ steps }) => steps))).toEqual(new Set([seen.length]));
  });
});

describe("an extension", () => {
  const extension = fc.integer({ min: 0, max: 70 });
  const sides = fc
    .record({ left: extension, right: extension, top: extension, bottom: extension })
    .filter(({ left, right, top, bottom }) => left + right + top + bottom > 0);

  test("has the exact size and place, and changes nothing of the original that lies over it", async () => {
    await fc.assert(
      fc.asyncProperty(scene, sides, async ({ width, height, salt, kind }, wish) => {
        const image = opaque(pictureOf(width, height, salt));
        const [layer] = await edit(kind, { task: "outpaint", ...wish }, { image });
        const { left, right, top, bottom } = wish;
        const area = { x: 0 - left, y: 0 - top, width: left + width + right, height: top + height + bottom };
        expect(layer?.area).toEqual(area);
        expect([layer?.pixels.width, layer?.pixels.height]).toEqual([area.width, area.height]);
        // The layer over the original: what lies beneath it cannot change it.
        const over = layerOver(onCanvas(image, area), layer!.pixels, { x: 0, y: 0 });
        const wrong = { overOriginal: 0, missing: 0 };
        for (let i = 0; i < area.width * area.height; i += 1) {
          const [x, y] = [(i % area.width) - left, Math.floor(i / area.width) - top];
          const isOriginal = x >= 0 && y >= 0 && x < width && y < height;
          const alpha = layer?.pixels.data[i * 4 + 3];
          const isTouched = [0, 1, 2, 3].some((c) => over.data[i * 4 + c] !== image.data[(y * width + x) * 4 + c]);
          if (isOriginal && isTouched) wrong.overOriginal += 1;
          if (!isOriginal && alpha !== 255) wrong.missing += 1;
        }
        expect(wrong).toEqual({ overOriginal: 0, missing: 0 });
      }),
      EXTENSION_RUNS,
    );
  });

  test("continues the border's opacity", async () => {
    const image = pictureOf(60, 60, 1);
    for (let i = 0; i < 3600; i += 1) image.data[i * 4 + 3] = i < 1800 ? 255 : 0;
    const [layer] = await edit("inpaint", { task: "outpaint", right: 20 }, { image });
    const alphaAt = (x: number, y: number) => layer?.pixels.data[(y * 80 + x) * 4 + 3];
    expect([alphaAt(60, 10), alphaAt(79, 29), alphaAt(60, 30), alphaAt(79, 59)]).toEqual([255, 255, 0, 0]);
  });

  test("gives the same bytes for the same request", async () => {
    const image = pictureOf(64, 48, 9);
    for (const kind of kinds) {
      const wish = { task: "outpaint", left: 30, bottom: 200, seed: 2 } as const;
      expect(await edit(kind, wish, { image })).toEqual(await edit(kind, wish, { image }));
    }
  });

  test("leads over to the border: just outside, it differs less from the border than without", async () => {
    const image = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 4).fill(255) };
    for (let i = 0; i < 64 * 64; i += 1) image.data.set([200, 40, 90], i * 4);
    const [layer] = await edit("base", { task: "outpaint", right: 64 }, { image });
    const { pixels } = layer!;
    expect(pixels).toMatchObject({ width: 128, height: 64 });
    const redness = (x: number) => pixels.data[(32 * 128 + x) * 4]!;
    expect(Math.abs(redness(64) - 200)).toBeLessThanOrEqual(Math.max(2, Math.abs(redness(120) - 200)));
  });
});

function onCanvas({ width, height, data }: RgbaImage, place: EditedLayer["area"]): RgbaImage {
  const canvas = new Uint8Array(place.width * place.height * 4);
  for (let y = 0; y < height; y += 1)
    canvas.set(data.subarray(y * width * 4, (y + 1) * width * 4), ((y - place.y) * place.width - place.x) * 4);
  return { width: place.width, height: place.height, data: canvas };
}

function isPaintedNear(
  { width, height, data }: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  x: number,
  y: number,
  reach: number,
): boolean {
  for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row += 1)
    for (let column = Math.max(0, x - reach); column <= Math.min(width - 1, x + reach); column += 1)
      if (data[row * width + column] !== 0) return true;
  return false;
}
