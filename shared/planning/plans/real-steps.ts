import type { ModelFacts, SchedulerName } from "../../protocol/models/model-facts.ts";
import type { PassSchedule } from "../../protocol/plans/pass.ts";

/** With fewer evaluations than this a picture does not settle, however few of them the strength leaves. */
const MIN_REAL_STEPS = 4;
/** Longest schedule: finer than this, steps differ by less than the models tell apart. */
const MAX_STEPS = 150;
/** `original_inference_steps` of diffusers' schedulers for distilled models, where a pack does not say. */
const USUAL_DISTILLED_STEPS = 50;
const distilledSchedulers: readonly SchedulerName[] = ["lcm", "tcd"];

/** A schedule and the share of it that runs, as diffusers counts: the last trunc(steps · strength) steps. */
export interface RealSteps {
  readonly steps: number;
  readonly strength: number;
}

/**
 * Makes the schedule longer where a small strength would leave fewer than four real steps (or than `steps`, for models
 * that need fewer), so that a light touch is light but finished. Where even the longest schedule leaves too few, the
 * strength is raised to what gives them.
 *
 * @param distilledSteps timesteps that a distilled model chooses from
 */
export function realSteps(
  steps: number,
  strength: number,
  scheduler: SchedulerName,
  distilledSteps = USUAL_DISTILLED_STEPS,
): RealSteps {
  const least = Math.min(MIN_REAL_STEPS, steps);
  if (countRealSteps({ steps, strength }) >= least) return { steps, strength };
  const longest = Math.max(steps, distilledSchedulers.includes(scheduler) ? distilledSteps : MAX_STEPS);
  for (let longer = steps + 1; longer <= longest; longer += 1)
    if (countRealSteps({ steps: longer, strength }) >= least) return { steps: longer, strength };
  // Half a step more, so that rounding cannot take one away.
  return { steps: longest, strength: Math.min(1, (least + 0.5) / longest) };
}

/** The share of a run's schedule that draws at a strength, as `realSteps` has it. */
export function partOfRun(
  { scheduler, steps }: Omit<PassSchedule, "strength">,
  strength: number,
  { distilledSteps }: ModelFacts,
): PassSchedule {
  return { scheduler, ...realSteps(steps, strength, scheduler, distilledSteps) };
}

/** How many steps of a schedule really run. */
export function countRealSteps({ steps, strength }: RealSteps): number {
  return Math.min(Math.trunc(steps * strength), steps);
}
