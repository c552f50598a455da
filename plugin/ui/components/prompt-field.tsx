import { useId } from "preact/hooks";
import { MAX_PROMPT_CHARACTERS } from "../../../shared/protocol/limits.ts";
import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../state/edit-session.ts";

/** What should be there. Enter starts the edit, Shift with Enter begins a line. */
export function PromptField({ session }: { readonly session: EditSession }) {
  const { flow } = usePanel();
  const id = useId();
  const length = session.prompt.value.trim().length;
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
        placeholder="What should appear? Empty fills with what fits."
        value={session.prompt.value}
        aria-invalid={isTooLong}
        aria-describedby={isTooLong ? `${id}-limit` : undefined}
        onInput={(event) => {
          session.prompt.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          event.stopPropagation();
          if (session.phase.peek().type === "painting") void flow.generate(session);
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
