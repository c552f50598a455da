import { CreateSettings } from "../create/create-settings.tsx";
import { InstructionSettings } from "../edit/instruction-settings.tsx";
import { ExtendSettings } from "../extend/extend-settings.tsx";
import { InpaintSettings } from "../inpaint/inpaint-settings.tsx";
import { sizeWords } from "../jobs/run/action-name.ts";
import { creationSizeOf } from "../jobs/run/build-request.ts";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { takesMask } from "../pictures/edit-session.ts";
import { OriginalSwitch } from "../pictures/original-switch.tsx";
import { OtherPicture } from "../pictures/other-picture.tsx";
import { RestyleSettings } from "../restyle/restyle-settings.tsx";
import { Stage } from "../stage/stage.tsx";
import { StageTools } from "../stage/stage-tools.tsx";
import { UpscaleSettings } from "../upscale/upscale-settings.tsx";
import { EditControls } from "./edit-controls.tsx";
import { SourceLine } from "./source-line.tsx";
import { StatusLine } from "./status-line.tsx";

/** The picture of a draft, or the new one that it describes, and everything for it. */
export function EditView({ draft }: { readonly draft: Draft }) {
  const { settings, sessions } = usePanel();
  const { task, session } = draft;
  const size = session?.mask.size ?? creationSizeOf(settings, sessions.target.value);
  return (
    <div class="edit">
      <div class="edit-picture">
        <SourceLine name={session?.shape.value.name ?? "New picture"} session={session}>
          <OtherPicture>
            <span class="source-size">{sizeWords(size)}</span>
          </OtherPicture>
          {session !== undefined && task !== "create" && draft.isIdle.value && (
            <OriginalSwitch session={session} task={task} />
          )}
        </SourceLine>
        <Stage draft={draft} />
        {session !== undefined && takesMask(task) && draft.isIdle.value && <StageTools session={session} />}
        <StatusLine draft={draft} />
      </div>
      <EditControls draft={draft}>
        {session !== undefined && task === "edit" && <InstructionSettings draft={draft} session={session} />}
        {session !== undefined && task === "inpaint" && <InpaintSettings draft={draft} session={session} />}
        {session !== undefined && task === "outpaint" && <ExtendSettings draft={draft} session={session} />}
        {task === "restyle" && <RestyleSettings draft={draft} />}
        {session !== undefined && task === "upscale" && <UpscaleSettings session={session} />}
        {task === "create" && <CreateSettings />}
      </EditControls>
    </div>
  );
}
