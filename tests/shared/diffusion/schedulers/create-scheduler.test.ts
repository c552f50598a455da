import { describe, expect, it } from "vitest";
import { createScheduler } from "../../../../shared/diffusion/schedulers/create-scheduler.ts";
import { schedulerNameOf, withScheduler } from "../../../../shared/diffusion/schedulers/scheduler-name.ts";
import { schedulerNames } from "../../../../shared/protocol/models/model-facts.ts";

/** scheduler_config.json of Stable Diffusion 1.5, as it is published. */
const stableDiffusion15 = {
  _class_name: "PNDMScheduler",
  _diffusers_version: "0.6.0",
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
  clip_sample: false,
};

function unsupported(message: string): object {
  return expect.objectContaining({ code: "unsupported-model", message: expect.stringContaining(message) });
}

describe("schedulers from a pack's configuration", () => {
  it.each(schedulerNames)("can be %s, made from any other's", (name) => {
    const config = withScheduler(stableDiffusion15, name);
    const scheduler = createScheduler(config, { steps: 8 });
    expect(schedulerNameOf(config)).toBe(name);
    expect(scheduler.timesteps.length).toBeGreaterThanOrEqual(8);
    expect(scheduler.initialNoiseSigma).toBeGreaterThanOrEqual(1);
  });

  it.each([
    ["num_train_timesteps", { num_train_timesteps: 1e12 }],
    ["num_train_timesteps", { _class_name: "FlowMatchEulerDiscreteScheduler", num_train_timesteps: 1e9 }],
    ["solver_order", { _class_name: "UniPCMultistepScheduler", solver_order: 1e6 }],
  ])("are refused when %s would fill the memory", (field, claims) => {
    expect(() => createScheduler({ ...stableDiffusion15, ...claims }, { steps: 8 })).toThrow(unsupported(field));
  });

  it("stay as the pack has them when its own is asked for", () => {
    const own = { ...stableDiffusion15, _class_name: "DPMSolverMultistepScheduler", solver_order: 3 };
    expect(withScheduler(own, "dpmpp-2m")).toBe(own);
  });

  it("turn off what tells their names apart", () => {
    const karras = withScheduler(stableDiffusion15, "dpmpp-2m-karras");
    expect(withScheduler(karras, "dpmpp-2m")).toMatchObject({ use_karras_sigmas: false });
    const stochastic = withScheduler(karras, "dpmpp-2m-sde");
    expect(withScheduler(stochastic, "dpmpp-2m")).toMatchObject({ algorithm_type: "dpmsolver++" });
  });

  it("take the target class's default for a missing option", () => {
    // Without timestep_spacing that is "leading" for PNDM and "linspace" for Euler.
    expect(createScheduler(stableDiffusion15, { steps: 4 }).timesteps).toEqual([751, 501, 501, 251, 1]);
    const euler = withScheduler(stableDiffusion15, "euler");
    expect(createScheduler(euler, { steps: 4 }).timesteps).toEqual([999, 666, 333, 0]);
  });

  it.each<readonly [string, object, string]>([
    ["an unknown class", { _class_name: "SomeScheduler" }, 'scheduler "SomeScheduler"'],
    ["an unknown option", { sampling: "fast" }, 'sampling = "fast"'],
    ["an unknown prediction type", { prediction_type: "noise" }, 'prediction_type = "noise"'],
    ["a prediction type the method has no formula for", { prediction_type: "sample" }, 'prediction_type = "sample"'],
    ["an unknown spacing", { timestep_spacing: "even" }, 'timestep_spacing = "even"'],
    ["an option of the wrong type", { steps_offset: "one" }, 'steps_offset = "one"'],
    [
      "a solver that cannot end at zero noise",
      { _class_name: "DPMSolverMultistepScheduler", algorithm_type: "dpmsolver", final_sigmas_type: "zero" },
      'final_sigmas_type = "zero"',
    ],
    [
      "shifting by picture size",
      { _class_name: "FlowMatchEulerDiscreteScheduler", use_dynamic_shifting: true },
      "use_dynamic_shifting = true",
    ],
  ])("reject %s, naming it", (_, changes, message) => {
    expect(() => createScheduler({ ...stableDiffusion15, ...changes }, { steps: 4 })).toThrow(unsupported(message));
  });

  it("ignore options that only other classes have", () => {
    const config = { ...stableDiffusion15, use_karras_sigmas: true, interpolation_type: "linear", solver_order: 2 };
    expect(createScheduler(config, { steps: 4 }).timesteps).toHaveLength(5);
  });

  it("say when a distilled model cannot take so many steps", () => {
    const lcm = withScheduler(stableDiffusion15, "lcm");
    expect(() => createScheduler(lcm, { steps: 51 })).toThrow(expect.objectContaining({ code: "invalid-request" }));
    expect(() => createScheduler(lcm, { steps: 30, distilledStrength: 0.5 })).toThrow("leaves 25");
  });

  it("say when a Runge-Kutta warm-up does not fit", () => {
    const config = { ...stableDiffusion15, skip_prk_steps: false };
    expect(() => createScheduler(config, { steps: 3 })).toThrow(expect.objectContaining({ code: "invalid-request" }));
  });
});
