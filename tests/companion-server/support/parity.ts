import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { type FixtureRange, readFixture } from "../../support/fixture-file.ts";
import { pngOf } from "./pictures.ts";
import { runOverpaint } from "./run-overpaint.ts";

/** 8-bit levels. */
const LARGEST_DIFFERENCE = 2;
const MEAN_DIFFERENCE = 0.15;

/** One of the runs that the generator recorded: what diffusers drew. */
export interface RecordedRun {
  readonly task: string;
  readonly layers: readonly string[];
  readonly seed: number;
  readonly batch: number;
  readonly options: {
    readonly prompt: string;
    readonly negativePrompt?: string;
    readonly steps: number;
    readonly guidanceScale: number;
    readonly strength?: number;
    readonly scheduler?: string;
    readonly noiseLevel?: number;
    readonly clipSkip?: number;
    readonly size?: readonly [width: number, height: number];
  };
  readonly pixels: FixtureRange;
}

const inputs = readFixture<{
  readonly inputs: {
    readonly picture: FixtureRange;
    readonly hardMask: FixtureRange;
    readonly smallPicture: FixtureRange;
  };
}>("pipelines/runs");

const commands: Readonly<Record<string, readonly string[]>> = {
  "text-to-image": ["imagine"],
  "image-to-image": ["restyle", "picture.png"],
  inpaint: ["inpaint", "picture.png", "--mask", "mask.png"],
  upscale: ["upscale", "small.png", "--scale", "4"],
};

/** Writes the pictures that the recorded runs began from. */
export async function writeParityInputs(folder: string): Promise<void> {
  const { content, bytes } = inputs;
  const size = { width: 64, height: 64 };
  await writeFile(join(folder, "picture.png"), await pngOf({ ...size, channels: 3 }, bytes(content.inputs.picture)));
  await writeFile(join(folder, "mask.png"), await pngOf({ ...size, channels: 1 }, bytes(content.inputs.hardMask)));
  const small = await pngOf({ width: 16, height: 16, channels: 3 }, bytes(content.inputs.smallPicture));
  await writeFile(join(folder, "small.png"), small);
}

/** The command line that stands for a recorded run, without the model. */
export function commandOf({ task, seed, options }: RecordedRun): readonly string[] {
  const { prompt, negativePrompt, steps, guidanceScale, strength, scheduler, noiseLevel, size = [64, 64] } = options;
  return [
    ...(commands[task] ?? []),
    ...(task === "text-to-image" ? ["--width", `${size[0]}`, "--height", `${size[1]}`] : []),
    ...["--prompt", prompt, "--steps", `${steps}`, "--guidance", `${guidanceScale}`, "--seed", `${seed}`],
    ...(negativePrompt === undefined ? [] : ["--negative", negativePrompt]),
    ...(strength === undefined ? [] : ["--strength", `${strength}`]),
    ...(scheduler === undefined ? [] : ["--scheduler", scheduler]),
    ...(noiseLevel === undefined ? [] : ["--noise-level", `${noiseLevel}`]),
    ...["--plain", "--device", "cpu"],
  ];
}

/** Draws a recorded run on the command line and compares the picture with what diffusers drew. */
export async function expectParity(
  run: RecordedRun,
  options: readonly string[],
  folder: string,
  expected: Uint8Array,
): Promise<void> {
  const { code, stderr } = await runOverpaint([...commandOf(run), ...options, "-o", "out.png"], folder);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const { data } = await decodeImage(await readFile(join(folder, "out.png")), "out.png");
  const drawn = data.filter((_, i) => i % 4 !== 3);
  expect(drawn).toHaveLength(expected.length);
  const differences = expected.map((level, i) => Math.abs(level - drawn[i]!)); // of the same length
  expect(differences.reduce((most, difference) => Math.max(most, difference), 0)).toBeLessThanOrEqual(
    LARGEST_DIFFERENCE,
  );
  const total = differences.reduce((sum, difference) => sum + difference, 0);
  expect(total / differences.length).toBeLessThanOrEqual(MEAN_DIFFERENCE);
}
