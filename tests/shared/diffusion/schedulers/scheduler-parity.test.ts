import { describe, expect, it } from "vitest";
import { TorchGenerator } from "../../../../shared/diffusion/random/torch-generator.ts";
import { createScheduler } from "../../../../shared/diffusion/schedulers/create-scheduler.ts";
import type { SchedulerConfig } from "../../../../shared/diffusion/schedulers/scheduler-name.ts";
import { scaled } from "../../../../shared/diffusion/tensors/weighted-sum.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { largestDifference, rangeOf } from "../../../support/largest-difference.ts";

/** Scheduler arithmetic alone, as a share of the sample's range. */
const ARITHMETIC_TOLERANCE = 1e-5;
/**
 * A step from σ = 4096 (zero terminal SNR) cancels all but a thousandth of the sample. What is left, then and later,
 * cannot agree better than the spacing of float32 numbers at the sample's first size.
 */
const FLOAT32_SPACING = 2 ** -23;
/** Timesteps are exact; those that lie between training timesteps come from float32 logarithms. */
const TIMESTEP_TOLERANCE = 2e-3;

interface SchedulerCase {
  readonly config: SchedulerConfig;
  readonly steps: number;
  readonly eta?: number;
  readonly begin?: number;
  readonly note?: string;
  readonly timesteps: readonly number[];
  readonly first: FixtureRange;
  readonly inputs: FixtureRange;
  readonly samples: FixtureRange;
}

const { content, floats } = readFixture<{
  readonly seeds: { readonly sample: number; readonly output: number; readonly step: number };
  readonly cases: readonly SchedulerCase[];
}>("schedulers/steps");

describe("schedulers step as diffusers does", () => {
  it.each(content.cases.map((item) => [describeCase(item), item] as const))("%s", (_, item) => {
    const { first: expectedFirst, inputs, samples } = item;
    const size = expectedFirst[1];
    const scheduler = createScheduler(item.config, { steps: item.steps, eta: item.eta });
    const begin = (item.begin ?? 0) * scheduler.order;
    const isFractional = item.timesteps.some((timestep) => !Number.isInteger(timestep));
    expect(largestDifference(scheduler.timesteps, item.timesteps)).toBeLessThanOrEqual(
      isFractional ? TIMESTEP_TOLERANCE : 0,
    );

    const start = new TorchGenerator(content.seeds.sample);
    const clean = start.normal(size);
    let sample = item.begin
      ? scheduler.addNoise(clean, start.normal(size), begin)
      : scaled(clean, scheduler.initialNoiseSigma);
    const spacing = FLOAT32_SPACING * rangeOf(sample);
    const expectClose = (actual: Float32Array, expected: Float32Array) => {
      const allowed = Math.max(ARITHMETIC_TOLERANCE * rangeOf(expected), spacing);
      expect(largestDifference(actual, expected)).toBeLessThan(allowed);
    };
    expectClose(sample, floats(expectedFirst));

    const noise = new TorchGenerator(content.seeds.step);
    for (let index = begin; index < scheduler.timesteps.length; index++) {
      const place = (index - begin) * size;
      expectClose(scheduler.scaleModelInput(sample, index), floats([inputs[0] + place, size]));
      const output = new TorchGenerator(content.seeds.output + index - begin).normal(size);
      sample = scheduler.step(output, index, sample, noise).sample;
      expectClose(sample, floats([samples[0] + place, size]));
    }
  });
});

function describeCase({ config, steps, eta, begin, note }: SchedulerCase): string {
  const { _class_name: name, ...options } = config;
  const words = Object.entries(options).map(([field, value]) => `${field}=${JSON.stringify(value)}`);
  if (eta !== undefined) words.push(`eta=${eta}`);
  if (begin !== undefined) words.push(`from step ${begin}`);
  return [String(name), `${steps} steps`, ...words, ...(note ? [`(${note})`] : [])].join(" ");
}
