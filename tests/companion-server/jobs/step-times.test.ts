import { expect, test } from "vitest";
import { JobLedger } from "../../../companion-server/jobs/job-ledger.ts";
import { editKind, StepTimer, StepTimes } from "../../../companion-server/jobs/step-times.ts";
import { parseEditRequest } from "../../../companion-server/requests/parse-submission.ts";
import { modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";

const restyle = parseEditRequest({ task: "restyle" });

test("estimates an edit from the steps of the last such one, and no other", () => {
  const times = new StepTimes(JobLedger.open(":memory:").database);
  const kind = editKind(restyle, { width: 1000, height: 800 });
  expect(times.estimate(kind)).toBeUndefined();
  times.add(kind, "cuda", 10, 20);
  expect(times.estimate(editKind(restyle, { width: 1010, height: 790 }))).toBe(200);
  expect(times.estimate(editKind(restyle, { width: 2000, height: 1600 }))).toBeUndefined();
  expect(times.estimate(editKind({ ...restyle, steps: 5 }, { width: 1000, height: 800 }))).toBeUndefined();
  times.add(kind, "cuda", 30, 20);
  expect(times.estimate(kind)).toBe(400);
  times.add(kind, "cpu", 500, 20);
  expect(times.estimate(kind)).toBe(10_000);
});

test("tells of each model how long its last picture took, by task", () => {
  const times = new StepTimes(JobLedger.open(":memory:").database);
  const create = parseEditRequest({ task: "create", prompt: "a cat", width: 64, height: 64 });
  times.add(editKind(restyle, { width: 64, height: 64 }), "cuda", 10, 20);
  times.add(editKind(restyle, { width: 900, height: 900 }), "cuda", 30, 20);
  times.add(editKind(create, undefined), "cuda", 5, 20);
  times.add(editKind({ ...create, model: modelIdSchema.parse("sdxl") }, undefined), "cpu", 500, 20);
  expect(Object.fromEntries(times.ofModels())).toEqual({
    [restyle.model]: { restyle: 600, create: 100 },
    sdxl: { create: 10_000 },
  });
});

test("takes the size of what is made where the request names it", () => {
  const upscale = parseEditRequest({ task: "upscale", width: 400, height: 400 });
  expect(editKind(upscale, { width: 10, height: 10 })).toBe(editKind(upscale, { width: 100, height: 100 }));
});

test("measures between the steps of a variant, not before the first and not across attempts", () => {
  let now = 0;
  const timer = new StepTimer(() => now);
  const step = (variant: number, step: number, passed: number) => {
    now += passed;
    timer.step({ variant, step, steps: 9 });
  };
  timer.started("cuda");
  step(0, 1, 5_000);
  expect(timer.outcome).toBeUndefined();
  step(0, 2, 900);
  timer.started("cpu");
  step(0, 1, 5_000);
  step(0, 2, 10);
  step(0, 3, 20);
  step(1, 1, 7_000);
  step(1, 2, 30);
  expect(timer.outcome).toEqual({ device: "cpu", milliseconds: 20, steps: 9 });
});

test("counts the steps that nobody told of, as those of a machine elsewhere", () => {
  let now = 0;
  const timer = new StepTimer(() => now);
  timer.started("cuda");
  for (const [step, at] of [
    [1, 100],
    [4, 160],
    [9, 260],
  ] as const) {
    now = at;
    timer.step({ variant: 0, step, steps: 9 });
  }
  expect(timer.outcome).toEqual({ device: "cuda", milliseconds: 20, steps: 9 });
});
