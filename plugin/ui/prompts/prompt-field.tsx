import { useId } from "preact/hooks";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import { MAX_PROMPT_CHARACTERS } from "../../../shared/protocol/limits.ts";
import { IconButton } from "../controls/icon-button.tsx";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { PromptFoot } from "./prompt-foot.tsx";
import { isAskedFor } from "./variations.ts";

const placeholders: Readonly<Record<DrawingTask, string>> = {
  inpaint: "What should appear? Empty fills with what fits.",
  outpaint: "What should appear? Empty continues the picture.",
  restyle: "What does it show? A few words help the style.",
  upscale: "",
  create: "What should the picture show?",
  edit: "What should change? “Make it night”",
};

/** What should be there. Enter starts the edit or inserts its result, as the main button does; Shift with Enter begins a line. */
export function PromptField({ draft }: { readonly draft: Draft }) {
  const { flow, insertions, prompts } = usePanel();
  const id = useId();
  const length = draft.prompt.value.trim().length;
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
        placeholder={placeholders[draft.task]}
        value={draft.prompt.value}
        aria-invalid={isTooLong}
        aria-describedby={isTooLong ? `${id}-limit` : undefined}
        onInput={(event) => {
          draft.prompt.value = event.currentTarget.value;
          draft.problem.value = undefined;
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          event.stopPropagation();
          const chosen = draft.chosen.peek();
          // Words that were changed since the result came ask for another one.
          if (chosen !== undefined && isAskedFor(chosen.result.recipe.request.prompt, draft.prompt.peek()))
            void insertions.insert(draft);
          else void flow.generate(draft);
        }}
      />
      {prompts.prompts.value.length > 0 && (
        <PromptList
          onTake={(words) => {
            draft.prompt.value = words;
          }}
        />
      )}
      <PromptFoot draft={draft} />
      {isTooLong && (
        <p id={`${id}-limit`} class="field-error">
          {length - MAX_PROMPT_CHARACTERS} characters too many: {MAX_PROMPT_CHARACTERS} is the most that can be sent.
        </p>
      )}
    </div>
  );
}

/** The words that were used last, to be taken again. */
function PromptList({ onTake }: { readonly onTake: (words: string) => void }) {
  const { prompts } = usePanel();
  const id = useId();
  return (
    <>
      <IconButton icon="clock" label="Words used lately" class="prompt-history" opens={id} />
      <div id={id} popover="auto" class="popover menu" role="dialog" aria-label="Words used lately">
        {prompts.prompts.value.map((words) => (
          <button
            key={words}
            type="button"
            class="text-button"
            onClick={() => {
              onTake(words);
              document.getElementById(id)?.hidePopover();
            }}
          >
            {words}
          </button>
        ))}
      </div>
    </>
  );
}
