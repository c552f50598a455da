import { effect } from "@preact/signals";
import type { Settings } from "../../app/settings.ts";
import type { Sessions } from "../../pictures/sessions.ts";
import type { JobList } from "../list/job-list.ts";

export interface OpenShownOptions {
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly jobs: JobList;
}

/** Decodes what the open tab shows wherever that was put aside for memory. Answers how to stop. */
export function openShown({ sessions, settings, jobs }: OpenShownOptions): () => void {
  return effect(() => {
    const { job, number } = sessions.draftOf(settings.task.value)?.onStage.value ?? {};
    // Looked at, it is the last to be put aside again.
    if (job?.variant(number) !== undefined && number !== undefined) void jobs.open(job, number).catch(() => {});
  });
}
