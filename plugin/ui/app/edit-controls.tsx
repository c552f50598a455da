import type { ComponentChildren } from "preact";
import { ActionBar } from "../jobs/action-bar.tsx";
import { BeforeButton } from "../jobs/before-button.tsx";
import { Progress } from "../jobs/progress.tsx";
import { ResultRow } from "../jobs/result-row.tsx";
import { VariantCount } from "../jobs/variant-count.tsx";
import { VariantStrip } from "../jobs/variant-strip.tsx";
import { Advanced } from "../models/advanced.tsx";
import type { Edit } from "../pictures/edit.ts";
import { PromptField } from "../prompts/prompt-field.tsx";

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
