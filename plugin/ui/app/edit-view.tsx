import { ExtendSettings } from "../extend/extend-settings.tsx";
import { sizeWords } from "../jobs/action-name.ts";
import { BrushSize } from "../masks/brush-size.tsx";
import type { Draft } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { OtherPicture } from "../pictures/other-picture.tsx";
import { RestyleSettings } from "../restyle/restyle-settings.tsx";
import { Stage } from "../stage/stage.tsx";
import { UpscaleSettings } from "../upscale/upscale-settings.tsx";
import { EditControls } from "./edit-controls.tsx";
import { Messages } from "./messages.tsx";
import { SourceLine } from "./source-line.tsx";

interface EditViewProps {
  readonly draft: Draft;
  readonly session: EditSession;
}

/** One picture and everything for one of its edits. */
export function EditView({ draft, session }: EditViewProps) {
  return (
    <div class="edit">
      <div class="edit-picture">
        <SourceLine name={session.shape.value.name}>
          <OtherPicture>
            <span class="source-size">{sizeWords(session.mask.size)}</span>
          </OtherPicture>
        </SourceLine>
        <Messages draft={draft} />
        <Stage draft={draft} session={session} />
      </div>
      <EditControls draft={draft}>
        {draft.task === "inpaint" && <BrushSize session={session} />}
        {draft.task === "outpaint" && <ExtendSettings session={session} />}
        {draft.task === "restyle" && <RestyleSettings draft={draft} />}
        {draft.task === "upscale" && <UpscaleSettings session={session} />}
      </EditControls>
    </div>
  );
}
