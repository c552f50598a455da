import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * The index into the timesteps at which a run of the given strength begins: `get_timesteps` in diffusers.
 * Throws OverpaintError `invalid-request` when not one step would be left.
 */
export function beginIndex(scheduler: Scheduler, steps: number, strength: number): number {
  const remaining = Math.min(Math.trunc(steps * strength), steps);
  if (remaining >= 1) return (steps - remaining) * scheduler.order;
  throw new OverpaintError(
    "invalid-request",
    `A strength of ${strength} leaves none of the ${steps} steps.`,
    `Use at least ${Math.ceil(1 / strength)} steps, or a strength of ${(1 / steps).toFixed(3)} or more.`,
  );
}
