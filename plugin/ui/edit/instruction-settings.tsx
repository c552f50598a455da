import { MaskOptions } from "../masks/mask-options.tsx";
import { ShapesAsMask } from "../masks/shapes-as-mask.tsx";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { InstructionReferences } from "./instruction-references.tsx";

interface InstructionSettingsProps {
  readonly draft: Draft;
  readonly session: EditSession;
}

/** What can be said: a start for those who do not know yet what such models understand. */
const examples = ["Make it night", "Remove the text", "Same in green leather", "Make it winter", "As a pencil drawing"];

/** Where the picture may change, what the words can speak of, and words to begin with. */
export function InstructionSettings({ draft, session }: InstructionSettingsProps) {
  const { keepsChangesOnly } = usePanel().settings.instruction;
  return (
    <>
      <ShapesAsMask session={session} draft={draft} />
      <MaskOptions session={session} draft={draft} />
      <InstructionReferences />
      <label
        class="check"
        title="Leaves out by how much the whole picture was moved or coloured while it was drawn anew. Without it, all that was drawn is taken."
      >
        <input
          type="checkbox"
          checked={keepsChangesOnly.value}
          onChange={(event) => {
            keepsChangesOnly.value = event.currentTarget.checked;
          }}
        />
        Only what changed
      </label>
      {draft.prompt.value === "" && (
        <fieldset class="examples">
          <legend class="visually-hidden">Examples</legend>
          {examples.map((words) => (
            <button
              key={words}
              type="button"
              class="example"
              onClick={() => {
                draft.prompt.value = words;
              }}
            >
              {words}
            </button>
          ))}
        </fieldset>
      )}
    </>
  );
}
