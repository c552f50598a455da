import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { SchedulerConfig } from "./scheduler-name.ts";

/** The error for an option of scheduler_config.json that is unknown, has a wrong value, or does not go with the others. */
export function unsupportedOption(config: SchedulerConfig, field: string, reason: string): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `The scheduler option ${field} = ${JSON.stringify(config[field])} is not supported: ${reason}.`,
    "Change it in the pack's scheduler/scheduler_config.json, or choose another scheduler.",
  );
}
