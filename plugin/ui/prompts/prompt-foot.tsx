import type { EditTask } from "../../../shared/protocol/edit-task.ts";
import { instructionExamples } from "../edit/instruction-choices.ts";
import { modelFor } from "../models/model-for.ts";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { weightsOf } from "./weighted-words.ts";

/** Beneath the prompt: while it is empty, what the model draws well, to be taken with a press; else what counts more or less in it. */
export function PromptFoot({ draft }: { readonly draft: Draft }) {
  const { engines, settings } = usePanel();
  const { prompt, task } = draft;
  const id = modelFor(task, settings);
  const modelsOwn = engines.models.value.find((each) => each.id === id)?.examples ?? [];
  if (prompt.value === "") {
    const examples = draft.isIdle.value ? examplesFor(task, modelsOwn) : [];
    if (examples.length === 0) return null;
    return (
      <fieldset class="prompt-examples">
        <legend class="visually-hidden">Examples</legend>
        {examples.map((words) => (
          <button
            key={words}
            type="button"
            class="example"
            onClick={() => {
              prompt.value = words;
            }}
          >
            {words}
          </button>
        ))}
      </fieldset>
    );
  }
  const weights = weightsOf(prompt.value);
  if (weights.length === 0) return null;
  return (
    <p class="prompt-weights">
      <span class="visually-hidden">Weights: </span>
      {weights.map(({ words, weight }, i) => (
        <span key={i} data-more={weight > 1} title={weight > 1 ? "Counts more" : "Counts less"}>
          {words} <b>×{weight}</b>
        </span>
      ))}
    </p>
  );
}

/** What can be asked for. A restyled or extended picture shows what it showed before, whatever the model draws well. */
function examplesFor(task: EditTask, modelsOwn: readonly string[]): readonly string[] {
  if (task === "edit") return instructionExamples;
  return task === "inpaint" || task === "create" ? modelsOwn : [];
}
