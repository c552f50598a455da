import { formatBytes } from "../../../../shared/protocol/text/format-bytes.ts";
import type { EditJob } from "../list/edit-job.ts";
import { formatDuration } from "./format-duration.ts";

/** What a job that goes on is doing, in a few words. */
export function progressWords({
  state,
  request,
  isCancelling,
  run,
}: Pick<EditJob, "state" | "request" | "isCancelling" | "run">): string {
  const now = state.value;
  if (isCancelling.value) return "Stopping after this step…";
  switch (now.type) {
    case "starting":
      return "Preparing…";
    case "queued":
      if (now.reason !== undefined) return `Waiting: ${now.reason}`;
      if (now.ahead === 0) return "Loading the model…";
      return `Waiting for ${now.ahead === 1 ? "1 other edit" : `${now.ahead} other edits`}${thenWords(run?.drawingMs)}`;
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

/** How long its own turn takes: nobody knows it of the edits before it. */
function thenWords(drawingMs: number | undefined): string {
  return drawingMs === undefined ? "" : `, then about ${formatDuration(drawingMs)}`;
}
