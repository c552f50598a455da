import { afterAll, describe, expect, it } from "vitest";
import { ModelPack } from "../../../../shared/diffusion/model-pack.ts";
import type { PictureTensor } from "../../../../shared/diffusion/picture-tensor.ts";
import { differentialInpaintBatch } from "../../../../shared/diffusion/pipelines/differential-inpaint.ts";
import type { GenerationOptions } from "../../../../shared/diffusion/pipelines/generation-options.ts";
import { imageToImageBatch } from "../../../../shared/diffusion/pipelines/image-to-image.ts";
import { inpaintBatch } from "../../../../shared/diffusion/pipelines/inpaint.ts";
import { textToImageBatch } from "../../../../shared/diffusion/pipelines/text-to-image.ts";
import { upscaleBatch } from "../../../../shared/diffusion/pipelines/upscale.ts";
import type { SchedulerName } from "../../../../shared/protocol/model-facts.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { largestDifference, rangeOf } from "../../../support/largest-difference.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { inRepository } from "../../../support/repository.ts";

/** Latents after each step, as a share of their range: float32 graphs in two runtimes. */
const LATENT_TOLERANCE = 1e-4;
/** The same where the denoiser's inputs and outputs are float16, which has 11 significant bits. */
const HALF_LATENT_TOLERANCE = 5e-3;
/** 8-bit levels of the final picture, at most and on average. */
const LARGEST_LEVEL_DIFFERENCE = 2;
const MEAN_LEVEL_DIFFERENCE = 0.15;

interface Run {
  readonly task: "text-to-image" | "image-to-image" | "inpaint" | "differential-inpaint" | "upscale";
  /** Folders under tests/fixtures/packs, each laid over the one before. */
  readonly layers: readonly string[];
  readonly seed: number;
  readonly batch: number;
  readonly options: {
    readonly prompt: string;
    readonly negativePrompt?: string;
    readonly steps: number;
    readonly guidanceScale: number;
    readonly guidanceRescale?: number;
    readonly scheduler?: SchedulerName;
    readonly strength?: number;
    readonly eta?: number;
    readonly clipSkip?: number;
    readonly noiseLevel?: number;
    readonly vaeTiled?: boolean;
  };
  readonly latents: readonly FixtureRange[];
  readonly size: readonly [width: number, height: number];
  readonly pixels: FixtureRange;
}

const { content, floats, bytes } = readFixture<{
  readonly inputs: Readonly<Record<"picture" | "widePicture" | "smallPicture" | "hardMask" | "softMask", FixtureRange>>;
  readonly runs: readonly Run[];
}>("pipelines/runs");

const packs = new Map<string, Promise<ModelPack>>();
afterAll(async () => {
  for (const pack of packs.values()) await (await pack).release();
});

function openPack(layers: readonly string[]): Promise<ModelPack> {
  const key = layers.join("+");
  const opened =
    packs.get(key) ??
    ModelPack.open(new NodePackFiles(...layers.map((layer) => inRepository(`tests/fixtures/packs/${layer}`))));
  packs.set(key, opened);
  return opened;
}

describe("pipelines draw what diffusers draws", () => {
  it.each(content.runs.map((run) => [describeRun(run), run] as const))("%s", async (_, run) => {
    const pack = await openPack(run.layers);
    const latents: Float32Array[] = [];
    const pictures = await draw(pack, run, ({ latents: sample }) => void latents.push(sample));

    expect(latents.length).toBe(run.latents.length);
    const tolerance = run.layers.includes("script") ? HALF_LATENT_TOLERANCE : LATENT_TOLERANCE;
    for (const [step, range] of run.latents.entries()) {
      const expected = floats(range);
      expect(largestDifference(latents[step]!, expected) / rangeOf(expected)).toBeLessThan(tolerance);
    }

    const expected = bytes(run.pixels);
    const actual = pictures.flatMap((picture) => [...toPixels(picture)]);
    expect([pictures[0]!.width, pictures[0]!.height]).toEqual(run.size);
    expect(largestDifference(actual, expected)).toBeLessThanOrEqual(LARGEST_LEVEL_DIFFERENCE);
    const mean = expected.reduce((sum, level, i) => sum + Math.abs(level - actual[i]!), 0) / expected.length;
    expect(mean).toBeLessThanOrEqual(MEAN_LEVEL_DIFFERENCE);
  });
});

function draw(
  pack: ModelPack,
  { task, seed, batch, options, size }: Run,
  onStep: NonNullable<GenerationOptions["onStep"]>,
): Promise<readonly PictureTensor[]> {
  const { strength = 1, noiseLevel, vaeTiled: isVaeTiled, ...rest } = options;
  const common = { ...rest, isVaeTiled, seed, longPrompts: "truncate", onStep } as const;
  const image = size[0] === 64 ? toTensor("picture", 64, 64) : toTensor("widePicture", 112, 80);
  switch (task) {
    case "text-to-image":
      return textToImageBatch(pack, { ...common, width: size[0], height: size[1] }, batch);
    case "image-to-image":
      return imageToImageBatch(pack, { ...common, image, strength }, batch);
    case "inpaint":
      return inpaintBatch(pack, { ...common, image, mask: toMask("hardMask"), strength }, batch);
    case "differential-inpaint":
      return differentialInpaintBatch(pack, { ...common, image, mask: toMask("softMask"), strength }, batch);
    case "upscale":
      return upscaleBatch(pack, { ...common, image: toTensor("smallPicture", 16, 16), noiseLevel }, batch);
  }
}

/** Interleaved bytes to planes from −1 to 1. */
function toTensor(name: "picture" | "widePicture" | "smallPicture", width: number, height: number): PictureTensor {
  const pixels = bytes(content.inputs[name]);
  const data = new Float32Array(pixels.length);
  const plane = width * height;
  for (let i = 0; i < pixels.length; i++) data[(i % 3) * plane + Math.floor(i / 3)] = (pixels[i]! / 255) * 2 - 1;
  return { width, height, data };
}

function toMask(name: "hardMask" | "softMask"): Float32Array {
  return Float32Array.from(bytes(content.inputs[name]), (level) => level / 255);
}

/** Planes from −1 to 1 to interleaved bytes, rounded as diffusers rounds them. */
function toPixels({ width, height, data }: PictureTensor): Uint8Array {
  const plane = width * height;
  return Uint8Array.from(data, (_, i) => {
    const value = data[(i % 3) * plane + Math.floor(i / 3)]!;
    return Math.round(Math.min(1, Math.max(0, value / 2 + 0.5)) * 255);
  });
}

function describeRun({ task, layers, batch, options, size }: Run): string {
  const { prompt, ...others } = options;
  const words = Object.entries(others).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  if (batch > 1) words.push(`batch of ${batch}`);
  if (prompt.length > 60) words.push("long prompt");
  return `${task}, ${layers.join(" + ")}, ${size.join("×")}: ${words.join(" ")}`;
}
