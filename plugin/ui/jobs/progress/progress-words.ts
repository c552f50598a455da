import { formatBytes } from "../../../../shared/protocol/text/format-bytes.ts";
import type { EditJob } from "../list/edit-job.ts";
import { formatDuration } from "./format-duration.ts";

/**
 * What a job that goes on is doing, in a few words.
 *
 * @param active the panel's jobs that go on, newest first: what they take is known of no others. Default: none
 */
export function progressWords(job: EditJob, active: readonly EditJob[] = []): string {
  const { state, request, isCancelling, run } = job;
  const now = state.value;
  if (isCancelling.value) return "Stopping after this step…";
  switch (now.type) {
    case "starting":
      return "Preparing…";
    case "queued":
      if (now.reason !== undefined) return `Waiting: ${now.reason}`;
      if (now.ahead === 0) return "Loading the model…";
      return [
        `Waiting for ${now.ahead === 1 ? "1 other edit" : `${now.ahead} other edits`}`,
        aboutWords("", waitOf(job, now.ahead, active)),
        aboutWords("then ", run?.drawingMs),
      ]
        .flat()
        .join(", ");
    case "fetching":
      return `Fetching, once · ${formatBytes(now.done)} of ${formatBytes(now.total)}`;
    case "measuring":
      return `Measuring the model, once · Step ${now.step} of ${now.steps}`;
    case "running": {
      if (now.progress === undefined) return now.isLoaded ? "Drawing…" : "Loading the model…";
      const step = `Step ${now.progress.step} of ${now.progress.steps}`;
      return request.count === 1 ? step : `Variant ${now.progress.variant + 1} of ${request.count} · ${step}`;
    }
    case "done":
      return "Finished";
    case "failed":
      return "Failed";
    case "cancelled":
      return "Cancelled";
    default:
      return now satisfies never;
  }
}

function aboutWords(before: string, ms: number | undefined): readonly string[] {
  return ms === undefined ? [] : [`${before}about ${formatDuration(ms)}`];
}

/** Milliseconds that the edits before a job still take; undefined unless all of them are the panel's, and known. */
function waitOf(job: EditJob, ahead: number, active: readonly EditJob[]): number | undefined {
  const index = active.indexOf(job);
  const before = index < 0 ? [] : active.slice(index + 1);
  if (before.length !== ahead) return undefined;
  return before.map(timeLeftOf).reduce((sum, ms) => (sum === undefined || ms === undefined ? undefined : sum + ms), 0);
}

/** What is left of the time that its companion expects a job to take. */
function timeLeftOf({ state, request, run }: EditJob): number | undefined {
  const now = state.value;
  if (run?.drawingMs === undefined) return undefined;
  const progress = now.type === "running" ? now.progress : undefined;
  const done = progress === undefined ? 0 : progress.variant + progress.step / progress.steps;
  return run.drawingMs * (1 - done / request.count);
}
