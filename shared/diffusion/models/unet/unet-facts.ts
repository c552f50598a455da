import type { ModelFacts, PlainGuidance, SchedulerName } from "../../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import type { Recommendation } from "../../pack/recommendation.ts";
import { type SchedulerConfig, schedulerNameOf } from "../../schedulers/scheduler-name.ts";
import type { UnetConfigs } from "./unet-configs.ts";
import type { UnetGraph } from "./unet-graph.ts";

/** Steps and guidance of a run. */
export interface UsualRun {
  readonly steps: number;
  readonly guidanceScale: number;
}

/** How a family's models are run. */
export interface UsualRuns extends UsualRun {
  /** Defaults of diffusers' pipelines for the family. */
  readonly plainGuidance: PlainGuidance;
  readonly plainSteps: number;
}

/** Schedulers made for distilled models, which need few steps and no guidance. */
const fewStepSchedulers: readonly SchedulerName[] = ["lcm", "tcd"];

/** The facts that do not depend on the family. */
export function unetFacts(
  { graphs, scheduler: config, memory, denoiser, autoencoder }: UnetConfigs,
  graph: UnetGraph,
  recommended: Recommendation,
  /** Pixels of a working picture along a latent cell. */
  cell: number,
  /** Of the family's models that are not distilled. */
  usualRun: UsualRuns,
): Omit<ModelFacts, "family" | "tasks" | "seesMask" | "enlarging"> {
  const scheduler = schedulerNameOf(config);
  const usual = distilledRun(config, graph, scheduler) ?? usualRun;
  const { fixedCells, fixedRows } = graph;
  const readsPrompt = (graphs.text_encoder ?? graphs.text_encoder_2) !== undefined;
  return {
    kind: "diffusion",
    largestSize: recommended.largestSize,
    nativeSize: recommended.nativeSize ?? denoiser.sampleSize * cell,
    sizeMultiple: denoiser.latentMultiple * cell,
    cell,
    readsPrompt,
    isGuidable: readsPrompt && !graph.isGuidanceDistilled,
    canInvert: predictionTypeOf(config) !== "flow",
    fixedSize: fixedCells && { width: fixedCells.width * cell, height: fixedCells.height * cell },
    memory: {
      ...memory,
      fixedRows,
      // Graphs of one size take no tile of another.
      codedSide: fixedCells ? undefined : autoencoder.sampleSize / autoencoder.latentScale,
    },
    distilledSteps: distilledSteps(config),
    defaults: {
      scheduler: recommended.defaults.scheduler ?? scheduler,
      steps: recommended.defaults.steps ?? usual.steps,
      guidanceScale: recommended.defaults.guidanceScale ?? usual.guidanceScale,
      ...(recommended.defaults.steps === undefined && { plainSteps: plainSteps(graph, usualRun) }),
      ...(recommended.defaults.guidanceScale === undefined && { plainGuidance: plainGuidance(graph, usualRun) }),
      noiseLevel: recommended.defaults.noiseLevel,
    },
    styleWords: recommended.styleWords,
  };
}

/** Timesteps that a consistency model was distilled on, where its configuration says. */
function distilledSteps({ original_inference_steps: steps }: SchedulerConfig): number | undefined {
  return typeof steps === "number" && Number.isInteger(steps) && steps > 0 ? steps : undefined;
}

/** Of diffusers' `LatentConsistencyModelPipeline`, and of a denoiser that takes the scale as an input. */
const CONSISTENCY_GUIDANCE = 8.5;

/** Of that pipeline. */
const CONSISTENCY_STEPS = 4;

function plainSteps({ isGuidanceDistilled }: UnetGraph, { plainSteps: ofFamily }: UsualRuns): number {
  return isGuidanceDistilled ? CONSISTENCY_STEPS : ofFamily;
}

function plainGuidance({ isGuidanceDistilled }: UnetGraph, { plainGuidance: ofFamily }: UsualRuns): PlainGuidance {
  return isGuidanceDistilled ? { inpaint: CONSISTENCY_GUIDANCE, others: CONSISTENCY_GUIDANCE } : ofFamily;
}

/** How models that were distilled for few steps are usually run; undefined for all others. */
function distilledRun(
  config: SchedulerConfig,
  { isGuidanceDistilled }: UnetGraph,
  scheduler: SchedulerName,
): UsualRun | undefined {
  if (isGuidanceDistilled) return { steps: CONSISTENCY_STEPS, guidanceScale: CONSISTENCY_GUIDANCE };
  // Turbo and Lightning checkpoints ship an Euler scheduler that starts at the very last timestep.
  const isTurbo = scheduler.startsWith("euler") && config.timestep_spacing === "trailing";
  return isTurbo || fewStepSchedulers.includes(scheduler) ? { steps: 4, guidanceScale: 1 } : undefined;
}

function predictionTypeOf(scheduler: SchedulerConfig): "epsilon" | "v_prediction" | "sample" | "flow" {
  const type = scheduler.prediction_type ?? "epsilon";
  if (type === "flow_prediction" || schedulerNameOf(scheduler) === "flow-match-euler") return "flow";
  if (type === "epsilon" || type === "v_prediction" || type === "sample") return type;
  throw new OverpaintError(
    "unsupported-model",
    `The scheduler option prediction_type = ${JSON.stringify(type)} is not supported.`,
    "Supported are epsilon, v_prediction, sample and flow_prediction.",
  );
}
