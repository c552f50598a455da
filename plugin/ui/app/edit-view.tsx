import { ExtendSettings } from "../extend/extend-settings.tsx";
import { sizeWords } from "../jobs/action-name.ts";
import { BrushSize } from "../masks/brush-size.tsx";
import type { Edit } from "../pictures/edit.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { OtherPicture } from "../pictures/other-picture.tsx";
import { RestyleSettings } from "../restyle/restyle-settings.tsx";
import { Stage } from "../stage/stage.tsx";
import { UpscaleSettings } from "../upscale/upscale-settings.tsx";
import { EditControls } from "./edit-controls.tsx";
import { Messages } from "./messages.tsx";
import { SourceLine } from "./source-line.tsx";

interface EditViewProps {
  readonly edit: Edit;
  readonly session: EditSession;
}

/** One picture and everything for one of its edits. */
export function EditView({ edit, session }: EditViewProps) {
  return (
    <div class="edit">
      <div class="edit-picture">
        <SourceLine name={session.shape.value.name}>
          <OtherPicture>
            <span class="source-size">{sizeWords(session.mask.size)}</span>
          </OtherPicture>
        </SourceLine>
        <Messages edit={edit} />
        <Stage edit={edit} session={session} />
      </div>
      <EditControls edit={edit}>
        {edit.task === "inpaint" && <BrushSize session={session} />}
        {edit.task === "outpaint" && <ExtendSettings session={session} />}
        {edit.task === "restyle" && <RestyleSettings edit={edit} />}
        {edit.task === "upscale" && <UpscaleSettings session={session} />}
      </EditControls>
    </div>
  );
}
