import type { EditRequest } from "../../protocol/edit-request.ts";
import type { ModelFacts, PlainPipeline, RunDefaults } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { hasWords } from "../words/has-words.ts";

/** How a model is run where the request does not say. Throws OverpaintError `unsupported-model` for networks. */
export function runDefaults({ family, defaults }: ModelFacts): RunDefaults {
  if (defaults !== undefined) return defaults;
  throw new OverpaintError(
    "unsupported-model",
    `The model is a ${family} network, which does not draw in steps.`,
    "Choose a diffusion model.",
  );
}

/** How the reference pipeline runs a plain request; undefined for others, and where it has no defaults of its own. */
export function plainPipeline({ plain, task }: EditRequest, facts: ModelFacts): PlainPipeline | undefined {
  return plain ? facts.plain?.[task] : undefined;
}

/** Scheduler and steps of a run: the request's, where it says them. Throws as `runDefaults` does. */
export function chosenRun(request: EditRequest, facts: ModelFacts): Pick<RunDefaults, "scheduler" | "steps"> {
  const { scheduler, steps, plainSteps = steps } = runDefaults(facts);
  const unasked = plainPipeline(request, facts)?.steps ?? (request.plain ? plainSteps : steps);
  return { scheduler: request.scheduler ?? scheduler, steps: request.steps ?? unasked };
}

/**
 * The guidance of edits that may be asked for without a prompt. With nothing to draw after, both predictions that guidance
 * compares are the same: one of them is enough, which the scale says at which nothing is guided.
 */
export function continuingGuidance({ prompt, negativePrompt, referenceModel }: EditRequest, facts: ModelFacts): number {
  const isPrompted = hasWords(prompt) || hasWords(negativePrompt) || referenceModel !== null;
  return isPrompted ? runDefaults(facts).guidanceScale : (facts.unguidedScale ?? 1);
}
