import { sizeWords } from "../state/action-name.ts";
import type { Edit } from "../state/edit.ts";
import type { EditSession } from "../state/edit-session.ts";
import { BrushSize } from "./brush-size.tsx";
import { EditControls } from "./edit-controls.tsx";
import { ExtendSettings } from "./extend-settings.tsx";
import { Messages } from "./messages.tsx";
import { OtherPicture } from "./other-picture.tsx";
import { RestyleSettings } from "./restyle-settings.tsx";
import { SourceLine } from "./source-line.tsx";
import { Stage } from "./stage.tsx";
import { UpscaleSettings } from "./upscale-settings.tsx";

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
