import { describe, expect, it } from "vitest";
import { TorchGenerator } from "../../../../../shared/diffusion/random/torch-generator.ts";
import { alphasCumprod, forwardProcess } from "../../../../../shared/diffusion/schedulers/common/noise-schedule.ts";

const stableDiffusion = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  trained_betas: null,
} as const;

describe("the forward process", () => {
  it("keeps the sample at ᾱ = 1 and is the noise at ᾱ = 0", () => {
    const clean = Float32Array.of(1, -2);
    const noise = Float32Array.of(0.5, 0.25);
    expect([...forwardProcess(clean, noise, 1)]).toEqual([1, -2]);
    expect([...forwardProcess(clean, noise, 0)]).toEqual([0.5, 0.25]);
  });

  it("in one step has mean and variance of all the steps before it", () => {
    // x_t = √(1−β_t)·x_{t−1} + √β_t·ε, taken 30 times from x₀ = 3, against q(x_30 | x₀) in closed form.
    const alphas = alphasCumprod({ ...stableDiffusion, num_train_timesteps: 30, beta_end: 0.1 });
    const draws = 20_000;
    const noise = new TorchGenerator(3);
    const sample = new Float32Array(draws).fill(3);
    for (let t = 0; t < alphas.length; t++) {
      const alpha = alphas[t]! / (t === 0 ? 1 : alphas[t - 1]!);
      const fresh = noise.normal(draws);
      for (let i = 0; i < draws; i++) sample[i] = Math.sqrt(alpha) * sample[i]! + Math.sqrt(1 - alpha) * fresh[i]!;
    }
    const closed = forwardProcess(new Float32Array(draws).fill(3), noise.normal(draws), alphas.at(-1)!);
    // Standard errors of mean and variance over so many draws are 0.007 and 0.01.
    expect(mean(sample)).toBeCloseTo(mean(closed), 1);
    expect(variance(sample)).toBeCloseTo(variance(closed), 1);
    expect(mean(closed)).toBeCloseTo(3 * Math.sqrt(alphas.at(-1)!), 1);
  });
});

describe("noise schedules", () => {
  it("have the ends of Stable Diffusion's", () => {
    const alphas = alphasCumprod(stableDiffusion);
    expect(alphas[0]).toBeCloseTo(0.99915, 5);
    expect(alphas[999]).toBeCloseTo(0.00466009, 8);
  });

  it("end in pure noise when they are rescaled to zero terminal SNR", () => {
    const alphas = alphasCumprod({ ...stableDiffusion, rescale_betas_zero_snr: true });
    expect(alphas[0]).toBeCloseTo(0.99915, 5);
    expect(alphas[999]).toBe(0);
  });

  it("fall from step to step", () => {
    for (const beta_schedule of ["linear", "scaled_linear", "squaredcos_cap_v2", "exp"] as const) {
      const alphas = alphasCumprod({ ...stableDiffusion, beta_schedule });
      for (let t = 1; t < alphas.length; t++) expect(alphas[t]!).toBeLessThan(alphas[t - 1]!);
    }
  });
});

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: Float32Array): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length;
}
