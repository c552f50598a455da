import type { ComponentChildren } from "preact";
import { Progress } from "../jobs/progress/progress.tsx";
import { ActionBar } from "../jobs/run/action-bar.tsx";
import { BeforeButton } from "../jobs/variants/before-button.tsx";
import { ResultRow } from "../jobs/variants/result-row.tsx";
import { VariantCount } from "../jobs/variants/variant-count.tsx";
import { VariantStrip } from "../jobs/variants/variant-strip.tsx";
import { StaleShapes } from "../masks/shapes/stale-shapes.tsx";
import { Advanced } from "../models/advanced.tsx";
import type { Draft } from "../pictures/draft.ts";
import { takesMask } from "../pictures/edit-session.ts";
import { PromptField } from "../prompts/prompt-field.tsx";
import { DraftProblem } from "./problems/draft-problem.tsx";

interface EditControlsProps {
  readonly draft: Draft;
  /** The task's own settings. They make room for progress and results: those are what counts then. */
  readonly children: ComponentChildren;
}

/**
 * Everything beside the picture. From the start of a run to its end it keeps its height, and so does the picture. Prompt and main
 * button stay at the end of the window, however low it is; what is set lies scrolled beneath.
 */
export function EditControls({ draft, children }: EditControlsProps) {
  const job = draft.shown.value?.job;
  const hasWords = draft.task !== "upscale";
  return (
    <div class="edit-controls">
      {takesMask(draft.task) && <StaleShapes draft={draft} />}
      {job === undefined && children}
      {job?.isActive.value && (
        <div class="row">
          <Progress job={job} />
          {draft.chosen.value !== undefined && draft.session !== undefined && (
            <BeforeButton draft={draft} hasWord={false} />
          )}
        </div>
      )}
      {job?.isOver.value && <ResultRow draft={draft} job={job} />}
      {job !== undefined && job.request.count > 1 && <VariantStrip draft={draft} job={job} />}
      <div class="edit-more">
        {hasWords && <VariantCount />}
        <Advanced task={draft.task} />
      </div>
      <div class="dock">
        <DraftProblem draft={draft} />
        {hasWords && <PromptField draft={draft} />}
        <ActionBar draft={draft} />
      </div>
    </div>
  );
}
