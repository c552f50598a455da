import { effect } from "@preact/signals";
import type { ModelSummary } from "../../../shared/protocol/api.ts";
import { type DrawingTask, paintingTasks } from "../../../shared/protocol/edit-task.ts";
import { modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import type { Settings } from "../app/settings.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import { modelsFor } from "../models/model-for.ts";

/** The edits that are offered, in the order of their tabs: instructions come first where a model takes them, or their tab is open. */
export function offeredTasks(models: readonly ModelSummary[], open?: DrawingTask): readonly DrawingTask[] {
  return open === "edit" || modelsFor(models, "edit").length > 0 ? ["edit", ...paintingTasks] : paintingTasks;
}

/**
 * Keeps instructions with a model that takes them, and leaves their tab where there is none. While the browser stands in for a
 * companion that had one, the tab stays with what was said and what is told of it.
 */
export function followInstructionModels(
  { models, place }: Pick<EngineChoice, "models" | "place">,
  settings: Settings,
): void {
  effect(() => {
    const known = models.value;
    // Nothing is known before an engine has answered.
    if (known.length === 0) return;
    const [first, ...others] = modelsFor(known, "edit");
    const chosen = settings.models.value.edit;
    if (first === undefined) {
      const isAway = place.peek() === "browser" && chosen !== undefined;
      if (settings.task.value === "edit" && !isAway) settings.task.value = "inpaint";
      return;
    }
    if (![first, ...others].some(({ id }) => id === chosen))
      settings.chooseModel("edit", modelIdSchema.parse(first.id));
  });
}
