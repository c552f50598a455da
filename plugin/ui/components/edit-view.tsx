import type { EditSession } from "../state/edit-session.ts";
import { ActionBar } from "./action-bar.tsx";
import { Advanced } from "./advanced.tsx";
import { BrushSize } from "./brush-size.tsx";
import { Messages } from "./messages.tsx";
import { Progress } from "./progress.tsx";
import { PromptField } from "./prompt-field.tsx";
import { ResultRow } from "./result-row.tsx";
import { SourceLine } from "./source-line.tsx";
import { Stage } from "./stage.tsx";

/** One picture and everything to edit it with. */
export function EditView({ session }: { readonly session: EditSession }) {
  const phase = session.phase.value;
  return (
    <div class="edit">
      <div class="edit-picture">
        <SourceLine session={session} />
        <Stage session={session} />
      </div>
      <div class="edit-controls">
        <Messages session={session} />
        {/* One row with a different use in each phase, so that the picture keeps its place. */}
        <div class="phase-row">
          {phase.type === "painting" && <BrushSize session={session} />}
          {(phase.type === "starting" || phase.type === "running") && <Progress phase={phase} />}
          {phase.type === "result" && <ResultRow session={session} />}
        </div>
        <PromptField session={session} />
        <Advanced />
        <ActionBar session={session} />
      </div>
    </div>
  );
}
