import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countRealSteps, realSteps } from "../../../../shared/planning/plans/real-steps.ts";

describe("realSteps", () => {
  test("leaves a schedule alone that has enough steps left", () => {
    expect(realSteps(20, 0.6, "ddim")).toEqual({ steps: 20, strength: 0.6 });
    expect(realSteps(1, 1, "ddim")).toEqual({ steps: 1, strength: 1 });
  });

  test("makes the schedule longer for a light touch", () => {
    expect(realSteps(20, 0.1, "ddim")).toEqual({ steps: 40, strength: 0.1 });
  });

  test("keeps to the timesteps that a distilled model was trained on", () => {
    expect(realSteps(4, 0.05, "lcm").steps).toBe(50);
    expect(realSteps(4, 0.05, "lcm", 100).steps).toBe(80);
    expect(realSteps(4, 0.05, "tcd", 25).steps).toBe(25);
    expect(realSteps(4, 0.05, "ddim", 25).steps).toBe(80);
  });

  test("never leaves fewer than four steps, or than the run has", () => {
    const share = fc.double({ min: 0.001, max: 1, noNaN: true });
    const [count, taught] = [fc.integer({ min: 1, max: 150 }), fc.integer({ min: 1, max: 50 })];
    fc.assert(
      fc.property(count, share, fc.constantFrom("ddim", "lcm"), taught, (steps, strength, name, distilledSteps) => {
        const run = realSteps(steps, strength, name, distilledSteps);
        expect(countRealSteps(run)).toBeGreaterThanOrEqual(Math.min(4, steps));
        expect(run.steps).toBeLessThanOrEqual(name === "lcm" ? Math.max(steps, distilledSteps) : 150);
        expect(run.strength).toBeGreaterThanOrEqual(strength);
        expect(run.strength).toBeLessThanOrEqual(1);
      }),
    );
  });
});
