import { expect } from "vitest";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { largestDifference, rangeOf } from "../../../support/largest-difference.ts";
import { inRepository } from "../../../support/repository.ts";
import type { DrawnRun, ReferenceInputs, ReferenceRun } from "./reference-run.ts";

/** Latents after each step, as a share of their range: float32 graphs in two runtimes. */
const LATENT_TOLERANCE = 1e-4;
/** The same where the denoiser's inputs and outputs are float16, which has 11 significant bits. */
const HALF_LATENT_TOLERANCE = 5e-3;
/** 8-bit levels of the final picture, at most and on average. */
const LARGEST_LEVEL_DIFFERENCE = 2;
const MEAN_LEVEL_DIFFERENCE = 0.15;

export interface RecordedRun extends ReferenceRun {
  readonly latents: readonly FixtureRange[];
  readonly pixels: FixtureRange;
}

const { content, floats, bytes } = readFixture<{
  readonly inputs: ReferenceInputs<FixtureRange>;
  readonly runs: readonly RecordedRun[];
}>("pipelines/runs");

/** Everything diffusers was asked to draw. */
export const recordedRuns = content.runs;

/** The pictures and masks the runs start from. */
export const referenceInputs: ReferenceInputs = {
  picture: bytes(content.inputs.picture),
  widePicture: bytes(content.inputs.widePicture),
  smallPicture: bytes(content.inputs.smallPicture),
  hardMask: bytes(content.inputs.hardMask),
  softMask: bytes(content.inputs.softMask),
};

export function packFolders(layers: readonly string[]): readonly string[] {
  return layers.map((layer) => inRepository(`tests/fixtures/packs/${layer}`));
}

/** Compares latents after every step and the final picture with what diffusers drew. */
export function expectAsRecorded(drawn: DrawnRun, recorded: RecordedRun): void {
  expect(drawn.latents.length).toBe(recorded.latents.length);
  const tolerance = recorded.layers.includes("script") ? HALF_LATENT_TOLERANCE : LATENT_TOLERANCE;
  for (const [step, range] of recorded.latents.entries()) {
    const expected = floats(range);
    expect(largestDifference(drawn.latents[step]!, expected) / rangeOf(expected)).toBeLessThan(tolerance);
  }
  const expected = bytes(recorded.pixels);
  expect(drawn.size).toEqual(recorded.size);
  expect(largestDifference(drawn.pixels, expected)).toBeLessThanOrEqual(LARGEST_LEVEL_DIFFERENCE);
  const sum = expected.reduce((total, level, i) => total + Math.abs(level - drawn.pixels[i]!), 0);
  expect(sum / expected.length).toBeLessThanOrEqual(MEAN_LEVEL_DIFFERENCE);
}
