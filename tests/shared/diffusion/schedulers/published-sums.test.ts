import { describe, expect, it } from "vitest";
import { TorchGenerator } from "../../../../shared/diffusion/random/torch-generator.ts";
import { createScheduler } from "../../../../shared/diffusion/schedulers/create-scheduler.ts";
import type { SchedulerConfig } from "../../../../shared/diffusion/schedulers/scheduler-name.ts";
import { scaled } from "../../../../shared/diffusion/tensors/weighted-sum.ts";

// Sums that huggingface/diffusers publishes in its own tests (tests/schedulers/test_scheduler_*.py, Apache-2.0): the
// absolute values after a full loop over `dummy_sample_deter` with `dummy_model`, as defined in test_schedulers.py.

const SHAPE = { batch: 4, channels: 3, height: 8, width: 8 };
const ELEMENTS = SHAPE.batch * SHAPE.channels * SHAPE.height * SHAPE.width;

/** arange(n).reshape(channels, height, width, batch) / n, with the batch axis moved to the front. */
function dummySample(isReversed = false): Float32Array {
  const sample = new Float32Array(ELEMENTS);
  const perImage = ELEMENTS / SHAPE.batch;
  for (let image = 0; image < SHAPE.batch; image++)
    for (let i = 0; i < perImage; i++) {
      const value = i * SHAPE.batch + image;
      sample[image * perImage + i] = (isReversed ? ELEMENTS - 1 - value : value) / ELEMENTS;
    }
  return sample;
}

interface Loop {
  readonly steps?: number;
  /** Euler's tests go on with the scaled input instead of the sample. */
  readonly keepsScaledInput?: boolean;
  /** Where to start from a noised sample. */
  readonly begin?: number;
}

function fullLoop(config: SchedulerConfig, { steps = 10, keepsScaledInput = false, begin = 0 }: Loop): number {
  const scheduler = createScheduler(config, { steps, batch: SHAPE.batch });
  const noise = new TorchGenerator(0);
  let sample = scaled(dummySample(), keepsScaledInput ? scheduler.initialNoiseSigma : 1);
  if (begin > 0) sample = scheduler.addNoise(sample, dummySample(true), begin);
  for (let index = begin; index < scheduler.timesteps.length; index++) {
    const timestep = scheduler.timesteps[index]!;
    if (keepsScaledInput) sample = scheduler.scaleModelInput(sample, index);
    sample = scheduler.step(scaled(sample, timestep / (timestep + 1)), index, sample, noise).sample;
  }
  return sample.reduce((sum, value) => sum + Math.abs(value), 0);
}

const linear = { num_train_timesteps: 1000, beta_start: 0.0001, beta_end: 0.02, beta_schedule: "linear" };
const stableDiffusion = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: "scaled_linear" };
const ddim = { _class_name: "DDIMScheduler", ...linear, clip_sample: true };
const ddpm = { _class_name: "DDPMScheduler", ...linear, clip_sample: true, variance_type: "fixed_small" };
const pndm = { _class_name: "PNDMScheduler", ...linear };
const euler = { _class_name: "EulerDiscreteScheduler", ...linear, num_train_timesteps: 1100 };
const ancestral = { ...euler, _class_name: "EulerAncestralDiscreteScheduler" };
const heun = { ...euler, _class_name: "HeunDiscreteScheduler" };
const dpm = {
  _class_name: "DPMSolverMultistepScheduler",
  ...linear,
  lower_order_final: false,
  final_sigmas_type: "sigma_min",
};
const unipc = { _class_name: "UniPCMultistepScheduler", ...linear, final_sigmas_type: "sigma_min" };
const lcm = { _class_name: "LCMScheduler", ...stableDiffusion };
const tcd = { _class_name: "TCDScheduler", ...stableDiffusion };
const v = { prediction_type: "v_prediction" };
const scaledInput = { keepsScaledInput: true };

/** The tolerance of those tests for a sum of 768 values; for a published mean, 1e-3 of each value. */
const SUM_TOLERANCE = 1e-2;
const MEAN_TOLERANCE = 1e-3;

describe("full loops give the sums diffusers publishes", () => {
  it.each<readonly [string, SchedulerConfig, Loop, number]>([
    ["DDIM", ddim, {}, 172.0067],
    ["DDIM, v", { ...ddim, ...v }, {}, 52.5302],
    ["DDIM, set_alpha_to_one", { ...ddim, beta_start: 0.01, set_alpha_to_one: true }, {}, 149.8295],
    ["DDIM, no set_alpha_to_one", { ...ddim, beta_start: 0.01, set_alpha_to_one: false }, {}, 149.0784],
    ["DDIM, from a noised sample", ddim, { begin: 8 }, 354.5418],
    ["DDPM", ddpm, { steps: 1000 }, 258.9606],
    ["DDPM, v", { ...ddpm, ...v }, { steps: 1000 }, 202.0296],
    ["DDPM, from a noised sample", ddpm, { steps: 1000, begin: 998 }, 387.9466],
    ["PNDM", pndm, {}, 198.1318],
    ["PNDM, v", { ...pndm, ...v }, {}, 67.3986],
    ["PNDM, set_alpha_to_one", { ...pndm, beta_start: 0.01, set_alpha_to_one: true }, {}, 230.0399],
    ["PNDM, no set_alpha_to_one", { ...pndm, beta_start: 0.01, set_alpha_to_one: false }, {}, 186.9482],
    ["Euler", euler, scaledInput, 10.0807],
    ["Euler, v", { ...euler, ...v }, scaledInput, 0.0002],
    ["Euler, Karras", { ...euler, use_karras_sigmas: true }, scaledInput, 124.52299499511719],
    ["Euler ancestral", ancestral, scaledInput, 152.3192],
    ["Euler ancestral, v", { ...ancestral, ...v }, scaledInput, 108.4439],
    ["Euler ancestral, from a noised sample", ancestral, { ...scaledInput, begin: 8 }, 56163.0508],
    ["Heun", heun, scaledInput, 0.1233],
    ["Heun, v", { ...heun, ...v }, scaledInput, 4.6934e-7],
    ["Heun, Karras", { ...heun, use_karras_sigmas: true }, scaledInput, 0.00015],
    ["UniPC, from a noised sample", unipc, { begin: 8 }, 315.5757],
    ["LCM, one step", lcm, { steps: 1 }, 18.7097],
    ["LCM, ten steps", lcm, {}, 197.7616],
    ["TCD, one step", tcd, { steps: 1 }, 29.8715],
    ["TCD, ten steps", tcd, {}, 181.204],
  ])("%s", (_, config, loop, published) => {
    expect(Math.abs(fullLoop(config, loop) - published)).toBeLessThan(SUM_TOLERANCE);
  });

  it.each<readonly [string, SchedulerConfig, number]>([
    ["DPM-Solver++ 2M", dpm, 0.3301],
    [
      "DPM-Solver++ 2M, thresholded",
      { ...dpm, thresholding: true, dynamic_thresholding_ratio: 0.87, sample_max_value: 0.5 },
      1.1364,
    ],
    ["DPM-Solver++ 2M, v", { ...dpm, ...v }, 0.2251],
    ["UniPC", unipc, 0.2464],
    ["UniPC, Karras", { ...unipc, use_karras_sigmas: true }, 0.2925],
    ["UniPC, v", { ...unipc, ...v }, 0.1014],
    ["UniPC, Karras, v", { ...unipc, use_karras_sigmas: true, ...v }, 0.1966],
  ])("%s", (_, config, published) => {
    expect(Math.abs(fullLoop(config, {}) / ELEMENTS - published)).toBeLessThan(MEAN_TOLERANCE);
  });
});

describe("timesteps are those diffusers publishes", () => {
  it("DDIM, five steps with an offset of 1", () => {
    expect(createScheduler({ ...ddim, steps_offset: 1 }, { steps: 5 }).timesteps).toEqual([801, 601, 401, 201, 1]);
  });

  it("PNDM with its Runge-Kutta warm-up", () => {
    expect(createScheduler({ ...pndm, steps_offset: 1 }, { steps: 10 }).timesteps).toEqual([
      901, 851, 851, 801, 801, 751, 751, 701, 701, 651, 651, 601, 601, 501, 401, 301, 201, 101, 1,
    ]);
  });
});
