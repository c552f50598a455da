import type { z } from "zod";
import { DdimScheduler, ddimConfigSchema } from "./ddim-scheduler.ts";
import { DdpmScheduler, ddpmConfigSchema } from "./ddpm-scheduler.ts";
import { DpmSolverMultistepScheduler, dpmSolverConfigSchema } from "./dpm-solver-multistep-scheduler.ts";
import { EulerAncestralScheduler, eulerAncestralConfigSchema } from "./euler-ancestral-scheduler.ts";
import { EulerScheduler, eulerConfigSchema } from "./euler-scheduler.ts";
import { FlowMatchEulerScheduler, flowMatchEulerConfigSchema } from "./flow-match-euler-scheduler.ts";
import { HeunScheduler, heunConfigSchema } from "./heun-scheduler.ts";
import { LcmScheduler, lcmConfigSchema } from "./lcm-scheduler.ts";
import { PndmScheduler, pndmConfigSchema } from "./pndm-scheduler.ts";
import type { Scheduler, SchedulerRun } from "./scheduler.ts";
import {
  type SchedulerClassName,
  type SchedulerConfig,
  schedulerClassOf,
  unsupportedOption,
} from "./scheduler-name.ts";
import { TcdScheduler, tcdConfigSchema } from "./tcd-scheduler.ts";
import { UniPcScheduler, uniPcConfigSchema } from "./unipc-scheduler.ts";

interface SchedulerFactory {
  readonly fields: readonly string[];
  readonly create: (config: SchedulerConfig, run: SchedulerRun) => Scheduler;
}

const factories: Readonly<Record<SchedulerClassName, SchedulerFactory>> = {
  DDPMScheduler: factory(ddpmConfigSchema, DdpmScheduler),
  DDIMScheduler: factory(ddimConfigSchema, DdimScheduler),
  PNDMScheduler: factory(pndmConfigSchema, PndmScheduler),
  EulerDiscreteScheduler: factory(eulerConfigSchema, EulerScheduler),
  EulerAncestralDiscreteScheduler: factory(eulerAncestralConfigSchema, EulerAncestralScheduler),
  HeunDiscreteScheduler: factory(heunConfigSchema, HeunScheduler),
  DPMSolverMultistepScheduler: factory(dpmSolverConfigSchema, DpmSolverMultistepScheduler),
  UniPCMultistepScheduler: factory(uniPcConfigSchema, UniPcScheduler),
  LCMScheduler: factory(lcmConfigSchema, LcmScheduler),
  TCDScheduler: factory(tcdConfigSchema, TcdScheduler),
  FlowMatchEulerDiscreteScheduler: factory(flowMatchEulerConfigSchema, FlowMatchEulerScheduler),
};

/** Options that diffusers' classes accept and then never use in sampling. */
const idleFields = ["base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len"];
const knownFields = new Set([...Object.values(factories).flatMap(({ fields }) => fields), ...idleFields]);

/**
 * Makes the scheduler a configuration names in `_class_name`. Fields it does not have take that class's defaults in
 * diffusers; fields that only other classes know are ignored, as `from_config` ignores them.
 *
 * Throws OverpaintError `unsupported-model` naming the class or option that is not supported, `invalid-request` when the
 * scheduler cannot run that many steps.
 */
export function createScheduler(config: SchedulerConfig, run: SchedulerRun): Scheduler {
  const { create } = factories[schedulerClassOf(config)];
  for (const field of Object.keys(config))
    if (!field.startsWith("_") && !knownFields.has(field))
      throw unsupportedOption(config, field, "no scheduler has it");
  return create(config, run);
}

function factory<Schema extends z.ZodObject>(
  schema: Schema,
  Class: new (config: z.output<Schema>, run: SchedulerRun) => Scheduler,
): SchedulerFactory {
  const create = (config: SchedulerConfig, run: SchedulerRun): Scheduler => {
    const parsed = schema.safeParse(config);
    if (parsed.success) return new Class(parsed.data, run);
    const issue = parsed.error.issues[0]!;
    throw unsupportedOption(config, String(issue.path[0]), issue.message);
  };
  return { fields: Object.keys(schema.shape), create };
}
