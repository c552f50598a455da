import type { ComponentChildren } from "preact";
import type { Edit } from "../state/edit.ts";
import { ActionBar } from "./action-bar.tsx";
import { Advanced } from "./advanced.tsx";
import { BeforeButton } from "./before-button.tsx";
import { Progress } from "./progress.tsx";
import { PromptField } from "./prompt-field.tsx";
import { ResultRow } from "./result-row.tsx";
import { VariantCount } from "./variant-count.tsx";
import { VariantStrip } from "./variant-strip.tsx";

interface EditControlsProps {
  readonly edit: Edit;
  /** The edit's own settings. They make room for progress and results: those are what counts then. */
  readonly children: ComponentChildren;
}

/** Everything beside the picture. From the start of a run to its end it keeps its height, and so does the picture. */
export function EditControls({ edit, children }: EditControlsProps) {
  const phase = edit.phase.value;
  const isRunning = phase.type === "starting" || phase.type === "running";
  const hasWords = edit.task !== "upscale";
  return (
    <div class="edit-controls">
      {phase.type === "idle" && children}
      {isRunning && (
        <div class="row">
          <Progress phase={phase} />
          {edit.chosen.value !== undefined && edit.session !== undefined && (
            <BeforeButton edit={edit} hasWord={false} />
          )}
        </div>
      )}
      {phase.type === "result" && <ResultRow edit={edit} />}
      {(phase.type === "running" || phase.type === "result") && phase.count > 1 && (
        <VariantStrip edit={edit} phase={phase} />
      )}
      {hasWords && <PromptField edit={edit} />}
      <div class="edit-more">
        {hasWords && <VariantCount />}
        <Advanced task={edit.task} />
      </div>
      <ActionBar edit={edit} />
    </div>
  );
}
