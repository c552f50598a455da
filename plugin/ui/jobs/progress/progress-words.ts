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

/**
 * Milliseconds until the edits before a job leave an engine to it; undefined unless all of them are the panel's, and known. As many
 * engines as draw them now take the others in turn.
 */
function waitOf(job: EditJob, ahead: number, active: readonly EditJob[]): number | undefined {
  const index = active.indexOf(job);
  const before = index < 0 ? [] : active.slice(index + 1).toReversed();
  const left = before.flatMap((each) => {
    const ms = timeLeftOf(each);
    return ms === undefined ? [] : [{ ms, isWaiting: isWaiting(each) }];
  });
  if (before.length !== ahead || left.length !== ahead) return undefined;
  const drawn = left.filter((each) => !each.isWaiting).map(({ ms }) => ms);
  let freeIn = drawn.length > 0 ? drawn : [0];
  for (const { ms } of left.filter((each) => each.isWaiting)) {
    const [next = 0, ...others] = freeIn.toSorted((a, b) => a - b);
    freeIn = [...others, next + ms];
  }
  return Math.min(...freeIn);
}

/** Whether others are drawn before it. The first of all is on an engine already, which loads its model. */
function isWaiting({ state }: EditJob): boolean {
  const now = state.value;
  return now.type === "starting" || (now.type === "queued" && now.ahead > 0);
}

/** What is left of the time that its companion expects a job to take. */
function timeLeftOf({ state, request, run }: EditJob): number | undefined {
  const now = state.value;
  if (run?.drawingMs === undefined) return undefined;
  const progress = now.type === "running" ? now.progress : undefined;
  const done = progress === undefined ? 0 : progress.variant + progress.step / progress.steps;
  return run.drawingMs * (1 - done / request.count);
}
