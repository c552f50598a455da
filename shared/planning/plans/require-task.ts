import type { EditRequest } from "../../protocol/edit-request.ts";
import type { ModelFacts } from "../../protocol/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** Throws OverpaintError `unsupported-model` when the pack does not serve the request's task. */
export function requireTask(facts: ModelFacts, { task, model }: EditRequest): void {
  if (facts.tasks.includes(task)) return;
  throw new OverpaintError(
    "unsupported-model",
    `The model "${model}" cannot ${task}; it serves ${facts.tasks.join(", ") || "no task"}.`,
    `Choose a model that can ${task}.`,
  );
}
