import type { CreateRequest } from "../../protocol/edit-request.ts";
import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import type { PassOf } from "../../protocol/plans/pass.ts";
import type { CreatePlan } from "../../protocol/plans/plan.ts";
import { MAX_ASPECT } from "../sizes/fit-context.ts";
import { plainSize } from "../sizes/plain-size.ts";
import { detail, REFINE_STRENGTH, refinedSize, WORTHWHILE_GAIN } from "../sizes/refined-size.ts";
import { workingSize } from "../sizes/working-size.ts";
import { atPlace, type DraftPass, planSettings } from "./plan-settings.ts";
import { partOfRun } from "./real-steps.ts";
import { requireTask } from "./require-task.ts";
import { chosenRun, plainPipeline } from "./run-defaults.ts";

/**
 * Works out how a picture is drawn from nothing: composed near the model's native area in the wanted shape, refined where
 * the model can show markedly more of the wanted size, then brought to it.
 *
 * Throws OverpaintError `unsupported-model` when the pack cannot create, `invalid-request` when a plain run is asked for at
 * a size the model cannot take.
 */
export function planCreate(request: CreateRequest, facts: ModelFacts): CreatePlan {
  requireTask(facts, request);
  const { width, height, plain } = request;
  const run = chosenRun(request, facts);
  const whole = withinAspect({ width, height });
  const plainly = plain ? plainSize(request, plainPipeline(request, facts), facts).working : undefined;
  const working = plainly ?? workingSize(whole, facts);
  const composed: DraftPass<PassOf<"prompt">> = { method: "prompt", working, schedule: run };
  const settings = { task: "create", ...planSettings(request, facts), target: plainly ?? { width, height } } as const;
  const larger = refinedSize(whole, facts);
  // To refine, a model must be able to begin from a picture.
  const canRefine = !plain && facts.tasks.includes("inpaint");
  const isWorthwhile = detail(whole, larger) >= WORTHWHILE_GAIN * detail(whole, working);
  if (!canRefine || !isWorthwhile) return { ...settings, passes: [atPlace(composed, 0)] };
  const refined: DraftPass<PassOf<"redraw">> = {
    method: "redraw",
    working: larger,
    schedule: partOfRun(run, REFINE_STRENGTH, facts),
    masking: facts.seesMask ? "shown" : "differential",
  };
  return { ...settings, passes: [atPlace(composed, 0), atPlace(refined, 1)] };
}

/** The smallest size of allowed shape that holds the wanted one; the middle of what is drawn is used. */
function withinAspect({ width, height }: PixelSize): PixelSize {
  return {
    width: Math.max(width, Math.ceil(height / MAX_ASPECT)),
    height: Math.max(height, Math.ceil(width / MAX_ASPECT)),
  };
}
