import type { SchedulerName } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** scheduler_config.json as read: fields of any scheduler class, `_class_name` among them. */
export type SchedulerConfig = Readonly<Record<string, unknown>>;

/** The scheduler classes of diffusers that exist here too, with the name users know each by. */
const nameByClass = {
  DDPMScheduler: "ddpm",
  DDIMScheduler: "ddim",
  PNDMScheduler: "pndm",
  EulerDiscreteScheduler: "euler",
  EulerAncestralDiscreteScheduler: "euler-ancestral",
  HeunDiscreteScheduler: "heun",
  DPMSolverMultistepScheduler: "dpmpp-2m",
  UniPCMultistepScheduler: "unipc",
  LCMScheduler: "lcm",
  TCDScheduler: "tcd",
  FlowMatchEulerDiscreteScheduler: "flow-match-euler",
} as const satisfies Record<string, SchedulerName>;
export type SchedulerClassName = keyof typeof nameByClass;

/** The class a configuration names. Throws OverpaintError `unsupported-model` for one that does not exist here. */
export function schedulerClassOf(config: SchedulerConfig): SchedulerClassName {
  const name = config._class_name;
  if (typeof name === "string" && Object.hasOwn(nameByClass, name)) return name as SchedulerClassName;
  throw new OverpaintError(
    "unsupported-model",
    `The pack's scheduler "${String(name)}" is not supported.`,
    `Set _class_name in scheduler/scheduler_config.json to one of ${Object.keys(nameByClass).join(", ")}.`,
  );
}

/** The name under which users know what a configuration describes. */
export function schedulerNameOf(config: SchedulerConfig): SchedulerName {
  const className = schedulerClassOf(config);
  if (className !== "DPMSolverMultistepScheduler") return nameByClass[className];
  if (isStochastic(config)) return "dpmpp-2m-sde";
  return config.use_karras_sigmas ? "dpmpp-2m-karras" : "dpmpp-2m";
}

/**
 * A pack's configuration for another scheduler, as `from_config` would take it over: shared fields stay, the class
 * changes. The pack's own scheduler keeps every option it came with.
 */
export function withScheduler(config: SchedulerConfig, name: SchedulerName): SchedulerConfig {
  if (name === schedulerNameOf(config)) return config;
  switch (name) {
    case "dpmpp-2m":
      return { ...config, ...dpmSolver, algorithm_type: "dpmsolver++", use_karras_sigmas: false };
    case "dpmpp-2m-karras":
      return { ...config, ...dpmSolver, algorithm_type: "dpmsolver++", use_karras_sigmas: true };
    case "dpmpp-2m-sde":
      return { ...config, ...dpmSolver, algorithm_type: "sde-dpmsolver++" };
    default:
      return { ...config, _class_name: classOf(name) };
  }
}

const dpmSolver = { _class_name: "DPMSolverMultistepScheduler" satisfies SchedulerClassName };

function classOf(name: SchedulerName): string {
  const entry = Object.entries(nameByClass).find(([, known]) => known === name);
  return entry![0]; // The DPM-Solver variants, which have no entry of their own, were handled before.
}

function isStochastic(config: SchedulerConfig): boolean {
  return String(config.algorithm_type).startsWith("sde-");
}

/** The error for an option of scheduler_config.json that is unknown, has a wrong value, or does not go with the others. */
export function unsupportedOption(config: SchedulerConfig, field: string, reason: string): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `The scheduler option ${field} = ${JSON.stringify(config[field])} is not supported: ${reason}.`,
    "Change it in the pack's scheduler/scheduler_config.json, or choose another scheduler.",
  );
}
