import type { EditJob, FinishedVariant } from "../../../../plugin/ui/jobs/list/edit-job.ts";
import type { Draft } from "../../../../plugin/ui/pictures/draft.ts";

/** What a tab shows, in one object to compare with. */
export type ShownState =
  | { readonly type: "draft" }
  | ({ readonly type: "starting" } & ShownJob)
  | ({ readonly type: "running" } & ShownJob)
  | ({ readonly type: "result" } & ShownJob);

interface ShownJob {
  readonly job: EditJob;
  readonly variants: readonly FinishedVariant[];
  readonly progress: { readonly variant: number; readonly step: number } | undefined;
  /** Number of the variant that is looked at. */
  readonly chosen: number | undefined;
}

export function shownOf(draft: Draft): ShownState {
  const job = draft.shown.value?.job;
  if (job === undefined) return { type: "draft" };
  const state = job.state.value;
  return {
    type: job.isOver.value ? "result" : state.type === "starting" ? "starting" : "running",
    job,
    variants: job.variants.value,
    progress: state.type === "running" ? state.progress : undefined,
    chosen: draft.chosen.value?.result.variant,
  };
}
