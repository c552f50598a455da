import type { z } from "zod";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { DdimScheduler, ddimConfigSchema } from "./ddim-scheduler.ts";
import { DpmSolverMultistepScheduler, dpmSolverConfigSchema } from "./dpm-solver-multistep-scheduler.ts";
import type { Scheduler, SchedulerRun } from "./scheduler.ts";
import { type SchedulerClassName, type SchedulerConfig, schedulerClassOf } from "./scheduler-name.ts";

interface SchedulerClass<Schema extends z.ZodObject> {
  readonly schema: Schema;
  readonly Class: new (config: z.output<Schema>, run: SchedulerRun) => Scheduler;
}

const constructors: Partial<Record<SchedulerClassName, (config: SchedulerConfig, run: SchedulerRun) => Scheduler>> = {
  DDIMScheduler: constructorOf({ schema: ddimConfigSchema, Class: DdimScheduler }),
  DPMSolverMultistepScheduler: constructorOf({ schema: dpmSolverConfigSchema, Class: DpmSolverMultistepScheduler }),
};

/**
 * Makes the scheduler a configuration names in `_class_name`. Fields it does not have take that class's defaults in
 * diffusers; fields that only other classes know are ignored, as `from_config` ignores them.
 *
 * Throws OverpaintError `unsupported-model` naming the class or field that is not supported, and the allowed values.
 */
export function createScheduler(config: SchedulerConfig, run: SchedulerRun): Scheduler {
  const create = constructors[schedulerClassOf(config)];
  if (!create) throw new OverpaintError("unsupported-model", `Unknown scheduler ${String(config._class_name)}.`);
  return create(config, run);
}

function constructorOf<Schema extends z.ZodObject>({ schema, Class }: SchedulerClass<Schema>) {
  return (config: SchedulerConfig, run: SchedulerRun): Scheduler => {
    const parsed = schema.safeParse(config);
    if (parsed.success) return new Class(parsed.data, run);
    const issue = parsed.error.issues[0]!;
    const field = String(issue.path[0]);
    throw new OverpaintError(
      "unsupported-model",
      `The scheduler option ${field} = ${JSON.stringify(config[field])} is not supported: ${issue.message}.`,
      "Change the option in the pack's scheduler/scheduler_config.json, or choose another scheduler.",
    );
  };
}
