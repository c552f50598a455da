import { PictureList } from "../controls/picture-list.tsx";
import { MaskOptions } from "../masks/mask-options.tsx";
import { ShapesAsMask } from "../masks/shapes/shapes-as-mask.tsx";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";

interface InstructionSettingsProps {
  readonly draft: Draft;
  readonly session: EditSession;
}

/** Where the picture may change, and what the words can speak of. */
export function InstructionSettings({ draft, session }: InstructionSettingsProps) {
  const { keepsChangesOnly, references } = usePanel().settings.instruction;
  return (
    <>
      <ShapesAsMask session={session} draft={draft} />
      <MaskOptions session={session} draft={draft} />
      <PictureList label="Reference" empty="Picture to speak of…" pictures={references} />
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
    </>
  );
}
