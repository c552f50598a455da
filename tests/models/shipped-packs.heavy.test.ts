import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { expect, test } from "vitest";
import { shippedPacks } from "../../benchmarks/quality/support/shipped-packs.ts";
import type { Model } from "../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import type { PictureTensor } from "../../shared/diffusion/picture-tensor.ts";
import { inpaint } from "../../shared/diffusion/pipelines/inpaint.ts";
import { upscale } from "../../shared/diffusion/pipelines/upscale.ts";
import { runDefaults } from "../../shared/planning/plans/run-defaults.ts";
import { runOverpaint } from "../companion-server/support/run-overpaint.ts";
import { largestDifference } from "../support/largest-difference.ts";
import { NodePackFiles } from "../support/node-pack-files.ts";
import { inRepository } from "../support/repository.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SIDE = 128;
/** Levels of 255. Runtimes sum in different orders; twenty steps and rounding to 8 bits leave less than this of it. */
const MOST_LEVELS = 2;

const packs = await shippedPacks(inRepository("models"));

async function readReference(name: string) {
  const file = inRepository(`tests/fixtures/shipped-packs/${name}.png`);
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Planes in −1..1 of the square of `side` pixels whose upper left corner lies at (left, 0). */
async function readSource(left: number, side: number): Promise<PictureTensor> {
  const { data, width } = await readReference("source");
  const plane = side * side;
  const at = (i: number) => ((Math.floor(i / side) % side) * width + left + (i % side)) * 3 + Math.floor(i / plane);
  return {
    width: side,
    height: side,
    data: Float32Array.from({ length: 3 * plane }, (_, i) => data[at(i)]! / 127.5 - 1),
  };
}

function toBytes({ width, height, data }: PictureTensor): Uint8ClampedArray {
  const plane = width * height;
  return Uint8ClampedArray.from(
    { length: 3 * plane },
    (_, i) => (data[(i % 3) * plane + Math.floor(i / 3)]! + 1) * 127.5,
  );
}

/** As tests/fixtures/generator/shipped_packs.py draws. */
async function draw(model: Model): Promise<PictureTensor> {
  if (model.type === "super-resolution") return model.enlarge(await readSource(SIDE / 2, SIDE / 2));
  if (model.type !== "diffusion") throw new Error("Packs that ship enlarge or draw.");
  const common = { ...runDefaults(model.facts), seed: 7, longPrompts: "chunks" } as const;
  if (model.facts.tasks.every((task) => task === "upscale")) {
    const image = await readSource(SIDE / 2, SIDE / 2);
    return upscale(model, { ...common, prompt: "", image, steps: 4, noiseLevel: 20 });
  }
  const mask = new Float32Array(SIDE * SIDE);
  for (let y = 32; y < 96; y++) mask.fill(1, y * SIDE + 32, y * SIDE + 96);
  return inpaint(model, {
    ...common,
    prompt: "a cat face",
    negativePrompt: "",
    image: await readSource(0, SIDE),
    mask,
    strength: 1,
  });
}

test.each(packs)("%s draws the picture of its reference", async (name) => {
  const model = await openModel(new NodePackFiles(inRepository(`models/${name}`)));
  const picture = await draw(model);
  await model.release();
  const reference = await readReference(name);
  expect([picture.width, picture.height]).toEqual([reference.width, reference.height]);
  expect(largestDifference(toBytes(picture), reference.data)).toBeLessThanOrEqual(MOST_LEVELS);
});

test.each(packs)("%s passes `overpaint models verify`", async (name) => {
  await using folder = await temporaryFolder();
  const { code, stdout } = await runOverpaint(["models", "verify", name, "--json"], folder.path);
  expect(code).toBe(0);
  const { id, files } = JSON.parse(stdout) as { id: string; files: Record<string, string> };
  expect(id).toBe(name);
  const graphs = Object.keys(files).filter((path) => path.endsWith(".onnx"));
  expect(graphs.length).toBeGreaterThan(0);
  for (const path of graphs) {
    const bytes = await readFile(inRepository(`models/${name}/${path}`));
    expect(files[path]).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});
