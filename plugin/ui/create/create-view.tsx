import { EditControls } from "../app/edit-controls.tsx";
import { Messages } from "../app/messages.tsx";
import { SourceLine } from "../app/source-line.tsx";
import { sizeWords } from "../jobs/action-name.ts";
import { creationSizeOf } from "../jobs/build-request.ts";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { CreateSettings } from "./create-settings.tsx";
import { CreateStage } from "./create-stage.tsx";

/** A picture from nothing. */
export function CreateView({ draft }: { readonly draft: Draft }) {
  const { settings, sessions } = usePanel();
  return (
    <div class="edit">
      <div class="edit-picture">
        <SourceLine name="New picture">
          <span class="source-size">{sizeWords(creationSizeOf(settings, sessions.target.value))}</span>
        </SourceLine>
        <Messages draft={draft} />
        <CreateStage draft={draft} />
      </div>
      <EditControls draft={draft}>
        <CreateSettings />
      </EditControls>
    </div>
  );
}
