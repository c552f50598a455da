import { useId } from "preact/hooks";
import { MAX_PROMPT_CHARACTERS } from "../../../shared/protocol/limits.ts";
import { usePanel } from "../panel-context.ts";

/** What should not be there. */
export function NegativePrompt() {
  const { negativePrompt } = usePanel().settings;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Not in the picture</label>
      <input
        id={id}
        class="input"
        type="text"
        maxLength={MAX_PROMPT_CHARACTERS}
        placeholder="text, watermark"
        value={negativePrompt.value}
        onInput={(event) => {
          negativePrompt.value = event.currentTarget.value;
        }}
      />
    </div>
  );
}
