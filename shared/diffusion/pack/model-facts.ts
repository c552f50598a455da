import { type EditTask, editTasks } from "../../protocol/edit-task.ts";
import type { ModelFacts, SchedulerName } from "../../protocol/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { schedulerNameOf } from "../schedulers/scheduler-name.ts";
import { familyDefaults } from "./family.ts";
import type { GraphFacts } from "./graph-facts.ts";
import type { PackDescription } from "./pack-description.ts";
import { networkFacts } from "./super-resolution.ts";

/** Schedulers made for distilled models, which need few steps and no guidance. */
const fewStepSchedulers: readonly SchedulerName[] = ["lcm", "tcd"];

/** What planning needs to know about a pack. Throws OverpaintError `unsupported-model` for a denoiser of an unknown kind. */
export function modelFacts(description: PackDescription, graph: GraphFacts): ModelFacts {
  const { family, vae, denoiser, recommended } = description;
  if (family === "super-resolution") return networkFacts(description, graph);
  const scheduler = schedulerNameOf(description.scheduler);
  const isUpscaler = family === "stable-diffusion-x4-upscaler";
  const sampleSize = denoiser.sampleSize ?? familyDefaults[family].sampleSize;
  const usual = usualRun(description, graph, scheduler);
  const tasks = tasksOf(description, graph.inputChannels);
  return {
    family,
    tasks,
    largestSize: recommended.largestSize,
    // The upscaler's latents have the size of the small picture.
    nativeSize: recommended.nativeSize ?? (isUpscaler ? sampleSize : sampleSize * vae.latentScale),
    sizeMultiple: isUpscaler ? denoiser.latentMultiple : denoiser.latentMultiple * vae.latentScale,
    cell: isUpscaler ? 1 : vae.latentScale,
    seesMask: !isUpscaler && graph.inputChannels > vae.latentChannels,
    isGuidable: !graph.isGuidanceDistilled,
    canInvert: predictionTypeOf(description) !== "flow",
    distilledSteps: distilledStepsOf(description),
    enlarging: enlargingOf(description, tasks),
    fixedSize: graph.fixedSize,
    memory: { ...description.memory, fixedRows: graph.fixedRows },
    defaults: {
      scheduler: recommended.defaults.scheduler ?? scheduler,
      steps: recommended.defaults.steps ?? usual.steps,
      guidanceScale: recommended.defaults.guidanceScale ?? usual.guidanceScale,
      noiseLevel: recommended.defaults.noiseLevel,
    },
  };
}

/** An upscaler's latents have the small picture's size, and are decoded to the large one. */
function enlargingOf({ family, vae }: PackDescription, tasks: readonly EditTask[]): ModelFacts["enlarging"] {
  if (family === "stable-diffusion-x4-upscaler") return { method: "diffusion", factor: vae.latentScale };
  return tasks.includes("upscale") ? { method: "refine" } : undefined;
}

function tasksOf({ family, vae, graphs }: PackDescription, inputChannels: number): readonly EditTask[] {
  const channels = vae.latentChannels;
  if (family === "stable-diffusion-x4-upscaler" && inputChannels === channels + 3) return ["upscale"];
  const hasEncoder = graphs.vae_encoder !== undefined;
  // With everything masked, an inpainting denoiser draws from a prompt alone.
  if (inputChannels === 2 * channels + 1 && hasEncoder) return editTasks;
  if (inputChannels === channels) return hasEncoder ? editTasks : ["create"];
  throw new OverpaintError(
    "unsupported-model",
    `The model's denoiser takes ${inputChannels} channels${hasEncoder ? "" : " and the pack has no vae_encoder"}.`,
    `Supported are ${channels} (text to image), ${2 * channels + 1} with a vae_encoder (inpainting) and, for upscalers, ${channels + 3}.`,
  );
}

function predictionTypeOf({ scheduler }: PackDescription): "epsilon" | "v_prediction" | "sample" | "flow" {
  const type = scheduler.prediction_type ?? "epsilon";
  if (type === "flow_prediction" || schedulerNameOf(scheduler) === "flow-match-euler") return "flow";
  if (type === "epsilon" || type === "v_prediction" || type === "sample") return type;
  throw new OverpaintError(
    "unsupported-model",
    `The scheduler option prediction_type = ${JSON.stringify(type)} is not supported.`,
    "Supported are epsilon, v_prediction, sample and flow_prediction.",
  );
}

function distilledStepsOf({ scheduler }: PackDescription): number | undefined {
  const steps = scheduler.original_inference_steps;
  return typeof steps === "number" && Number.isInteger(steps) && steps > 0 ? steps : undefined;
}

/** Steps and guidance that models of this kind are usually run with. */
function usualRun(
  { family, scheduler: config }: PackDescription,
  { isGuidanceDistilled }: GraphFacts,
  scheduler: SchedulerName,
): { readonly steps: number; readonly guidanceScale: number } {
  if (isGuidanceDistilled) return { steps: 4, guidanceScale: 8.5 };
  if (fewStepSchedulers.includes(scheduler)) return { steps: 4, guidanceScale: 1 };
  // Turbo and Lightning checkpoints ship an Euler scheduler that starts at the very last timestep.
  const isTurbo = scheduler.startsWith("euler") && config.timestep_spacing === "trailing";
  if (isTurbo) return { steps: 4, guidanceScale: 1 };
  if (family === "stable-diffusion-x4-upscaler") return { steps: 75, guidanceScale: 9 };
  if (family === "stable-diffusion-xl") return { steps: 30, guidanceScale: 5 };
  return { steps: 30, guidanceScale: 7.5 };
}
