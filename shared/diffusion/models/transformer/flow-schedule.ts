import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import { createScheduler } from "../../schedulers/create-scheduler.ts";
import { type SchedulerConfig, schedulerNameOf } from "../../schedulers/scheduler-name.ts";
import type { Schedule, ScheduleOptions } from "../diffusion-model.ts";

/**
 * The schedule of a transformer's run: shares of noise evenly from 1 to 1/n, shifted towards noise. Reference: the pipelines of
 * diffusers for FLUX.2 and Z-Image.
 *
 * @param mu how far configurations that shift by picture size do so, for a number of steps
 * Throws OverpaintError `unsupported-model` for another scheduler than the model's own.
 */
export function flowSchedule(
  config: SchedulerConfig,
  { scheduler: name, steps, strength, batch }: ScheduleOptions,
  mu: (steps: number) => number,
): Schedule {
  const own = schedulerNameOf(config);
  if (own !== "flow-match-euler" || (name ?? own) !== own)
    throw new OverpaintError(
      "unsupported-model",
      `The model draws by flow matching, which the scheduler ${own === "flow-match-euler" ? name : own} does not know.`,
      "Leave the scheduler to the model: it is flow-match-euler.",
    );
  const sigmas = Array.from({ length: steps }, (_, i) => (steps === 1 ? 1 : 1 - (i * (1 - 1 / steps)) / (steps - 1)));
  const scheduler = createScheduler(config, { steps, batch, sigmas, mu: mu(steps) });
  return { scheduler, begin: strength === undefined ? 0 : flowBegin(steps, strength), config };
}

/** `get_timesteps` of these pipelines: unlike those of U-Nets, it rounds towards more steps. */
function flowBegin(steps: number, strength: number): number {
  return Math.trunc(Math.max(steps - Math.min(steps * strength, steps), 0));
}
