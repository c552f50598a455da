import { usePanel } from "../panel-context.ts";
import { sizeWords } from "../state/action-name.ts";
import { creationSizeOf } from "../state/build-request.ts";
import type { Edit } from "../state/edit.ts";
import { CreateSettings } from "./create-settings.tsx";
import { CreateStage } from "./create-stage.tsx";
import { EditControls } from "./edit-controls.tsx";
import { Messages } from "./messages.tsx";
import { SourceLine } from "./source-line.tsx";

/** A picture from nothing. */
export function CreateView({ edit }: { readonly edit: Edit }) {
  const { settings, sessions } = usePanel();
  return (
    <div class="edit">
      <div class="edit-picture">
        <SourceLine name="New picture">
          <span class="source-size">{sizeWords(creationSizeOf(settings, sessions.target.value))}</span>
        </SourceLine>
        <Messages edit={edit} />
        <CreateStage edit={edit} />
      </div>
      <EditControls edit={edit}>
        <CreateSettings />
      </EditControls>
    </div>
  );
}
