import { useId } from "preact/hooks";
import type { PaintingTask } from "../../../shared/protocol/edit-task.ts";
import { MAX_PROMPT_CHARACTERS } from "../../../shared/protocol/limits.ts";
import { usePanel } from "../panel-context.ts";
import type { Edit, FinishedVariant } from "../state/edit.ts";

const placeholders: Readonly<Record<PaintingTask, string>> = {
  inpaint: "What should appear? Empty fills with what fits.",
  outpaint: "What should appear? Empty continues the picture.",
  restyle: "What does it show? A few words help the style.",
  upscale: "",
  create: "What should the picture show?",
};

/** What should be there. Enter starts the edit or inserts its result, as the main button does; Shift with Enter begins a line. */
export function PromptField({ edit }: { readonly edit: Edit }) {
  const { flow } = usePanel();
  const id = useId();
  const length = edit.prompt.value.trim().length;
  const isTooLong = length > MAX_PROMPT_CHARACTERS;
  return (
    <div class="prompt">
      <label class="visually-hidden" for={id}>
        Prompt
      </label>
      <textarea
        id={id}
        class={isTooLong ? "input error" : "input"}
        rows={2}
        placeholder={placeholders[edit.task]}
        value={edit.prompt.value}
        aria-invalid={isTooLong}
        aria-describedby={isTooLong ? `${id}-limit` : undefined}
        onInput={(event) => {
          edit.prompt.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          event.stopPropagation();
          const chosen = edit.chosen.peek();
          const isOver = edit.isIdle.peek() || edit.phase.peek().type === "result";
          // Words that were changed since the result came ask for another one.
          if (chosen !== undefined && isPromptOf(edit, chosen)) void flow.insert(edit);
          else if (isOver) void flow.generate(edit);
        }}
      />
      {isTooLong && (
        <p id={`${id}-limit`} class="field-error">
          {length - MAX_PROMPT_CHARACTERS} characters too many: {MAX_PROMPT_CHARACTERS} is the most that can be sent.
        </p>
      )}
    </div>
  );
}

function isPromptOf({ prompt }: Edit, { result }: FinishedVariant): boolean {
  return result.recipe.request.prompt === prompt.peek().trim();
}
