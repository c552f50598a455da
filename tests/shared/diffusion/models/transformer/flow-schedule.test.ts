import { describe, expect, test } from "vitest";
import { empiricalMu } from "../../../../../shared/diffusion/models/flux2-klein/flux2-klein.ts";
import { flowSchedule } from "../../../../../shared/diffusion/models/transformer/flow-schedule.ts";

const dynamic = { _class_name: "FlowMatchEulerDiscreteScheduler", use_dynamic_shifting: true, shift: 3 };
const fixed = { _class_name: "FlowMatchEulerDiscreteScheduler", shift: 3 };
const run = { batch: 1, size: { width: 512, height: 512 }, pipeline: "text-to-image" } as const;

function sharesOf(config: object, steps: number, mu: number): readonly number[] {
  const { scheduler } = flowSchedule({ ...config }, { ...run, steps }, () => mu);
  return scheduler.timesteps.map((timestep) => Number((timestep / 1000).toFixed(6)));
}

describe("a flow schedule", () => {
  // Printed by diffusers 0.42.
  test.each([
    [512, 4, [1, 0.958085, 0.883982, 0.717497]],
    [512, 8, [1, 0.981072, 0.956922, 0.925043, 0.881018, 0.81627, 0.711667, 0.514045]],
    [1024, 4, [1, 0.967384, 0.908144, 0.7672]],
    [1024, 8, [1, 0.985425, 0.966641, 0.941515, 0.906183, 0.852842, 0.763014, 0.579807]],
  ])("of FLUX.2 is shifted by picture size: %d² in %d steps", (side, steps, expected) => {
    expect(sharesOf(dynamic, steps, empiricalMu((side / 16) ** 2, steps))).toEqual(expected);
  });

  test.each([
    [4, [1, 0.9, 0.75, 0.5]],
    [8, [1, 0.954545, 0.9, 0.833333, 0.75, 0.642857, 0.5, 0.3]],
    [1, [1]],
  ])("of Z-Image is shifted by what its configuration says: %d steps", (steps, expected) => {
    expect(sharesOf(fixed, steps, 0.63)).toEqual(expected);
  });

  test.each([
    [4, 0.8, 0],
    [4, 0.6, 1],
    [4, 0.5, 2],
    [4, 0.2, 3],
    [8, 0.8, 1],
    [4, 0.01, 3],
    [4, 1, 0],
  ])("of %d steps at strength %d begins at step %d: more are run rather than fewer", (steps, strength, begin) => {
    expect(flowSchedule(fixed, { ...run, steps, strength }, () => 0).begin).toBe(begin);
  });

  test("refuses schedulers of other models", () => {
    expect(() => flowSchedule(fixed, { ...run, steps: 4, scheduler: "euler" }, () => 0)).toThrow("euler");
  });
});
