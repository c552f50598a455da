import type { ModelSummary } from "../../../shared/protocol/api.ts";
import type { PaintingTask } from "../../../shared/protocol/edit-task.ts";
import { type ModelId, modelIdSchema } from "../../../shared/protocol/model-facts.ts";
import { bundledModelFor, bundledModels } from "../engines/browser/bundled-models.ts";
import type { Settings } from "./settings.ts";

/** The models that can do a task. One whose abilities nobody tells may be tried. */
export function modelsFor(models: readonly ModelSummary[], task: PaintingTask): readonly ModelSummary[] {
  return models.filter(({ id, facts, lora }) => {
    if (lora) return false;
    const tasks = facts?.tasks ?? bundledModels.find((bundled) => bundled.id === id)?.tasks;
    return tasks === undefined || tasks.includes(task);
  });
}

/** The installed LoRAs that fit a model. */
export function lorasFor(models: readonly ModelSummary[], model: ModelId): readonly ModelId[] {
  return models.filter(({ lora }) => lora?.fits.includes(model)).map(({ id }) => modelIdSchema.parse(id));
}

/** The model the next edit of a task uses: the chosen one, else the bundled one. */
export function modelFor(task: PaintingTask, settings: Settings): ModelId {
  return settings.models.value[task] ?? modelIdSchema.parse(bundledModelFor(task));
}
