import type { EditRequest } from "../../protocol/edit-request.ts";
import type { EditTask } from "../../protocol/edit-task.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/**
 * Throws OverpaintError `unsupported-model` when the pack does not serve the request's task, or a plain run of it, and
 * `invalid-request` for a negative prompt in a plain run whose pipeline reads none.
 */
export function requireTask(facts: ModelFacts, { task, model, plain, negativePrompt }: EditRequest): void {
  if (facts.tasks.includes(task)) {
    if (plain) requirePlainTask(facts, task, model);
    if (plain && negativePrompt !== null && facts.isNegativeRead === false)
      throw new OverpaintError(
        "invalid-request",
        `The pipelines of ${facts.family} read no negative prompt, which a plain run therefore takes none of.`,
        "Leave out --negative, or --plain.",
      );
    return;
  }
  throw new OverpaintError(
    "unsupported-model",
    `The model "${model}" cannot ${task}; it serves ${facts.tasks.join(", ") || "no task"}.`,
    `Choose a model that can ${task}.`,
  );
}

function requirePlainTask({ plain, family }: ModelFacts, task: EditTask, model: string): void {
  if (plain === undefined || plain[task] !== undefined) return;
  throw new OverpaintError(
    "unsupported-model",
    `"${model}" cannot ${task} plainly: diffusers has no pipeline of ${family} for it, only to ${Object.keys(plain).join(", ")}.`,
    "Leave out --plain.",
  );
}
