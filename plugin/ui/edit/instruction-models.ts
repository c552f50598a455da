import { effect } from "@preact/signals";
import type { ModelSummary } from "../../../shared/protocol/api.ts";
import { type DrawingTask, paintingTasks } from "../../../shared/protocol/edit-task.ts";
import { modelIdSchema } from "../../../shared/protocol/model-facts.ts";
import type { Settings } from "../app/settings.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import { modelsFor } from "../models/model-for.ts";

/** The edits that are offered, in the order of their tabs: instructions come first where a model takes them. */
export function offeredTasks(models: readonly ModelSummary[]): readonly DrawingTask[] {
  return modelsFor(models, "edit").length > 0 ? ["edit", ...paintingTasks] : paintingTasks;
}

/** Keeps the open tab one that is offered, and instructions with a model that takes them. */
export function followInstructionModels({ models }: Pick<EngineChoice, "models">, settings: Settings): void {
  effect(() => {
    const known = models.value;
    // Nothing is known before an engine has answered.
    if (known.length === 0) return;
    const [first, ...others] = modelsFor(known, "edit");
    if (first === undefined) {
      if (settings.task.value === "edit") settings.task.value = "inpaint";
      return;
    }
    const chosen = settings.models.value.edit;
    if (![first, ...others].some(({ id }) => id === chosen))
      settings.chooseModel("edit", modelIdSchema.parse(first.id));
  });
}
