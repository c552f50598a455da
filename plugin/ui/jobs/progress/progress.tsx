import { useRef } from "preact/hooks";
import { usePanel } from "../../panel-context.ts";
import type { EditJob } from "../list/edit-job.ts";
import { formatDuration } from "./format-duration.ts";
import { progressWords } from "./progress-words.ts";

/** Steps before this one are dominated by loading the model and tell nothing about the pace. */
const FIRST_TIMED_STEP = 2;

/** How far a job is, in a bar and in words, with the time that all of its variants still take. */
export function Progress({ job }: { readonly job: EditJob }) {
  const timing = useRef<{ readonly done: number; readonly at: number; readonly job: EditJob } | undefined>(undefined);
  const state = job.state.value;
  const progress = state.type === "running" ? state.progress : undefined;
  const total = progress === undefined ? 0 : progress.steps * job.request.count;
  const done = progress === undefined ? 0 : progress.variant * progress.steps + progress.step;
  if (progress === undefined || timing.current?.job !== job) timing.current = undefined;
  if (progress !== undefined) timing.current ??= { done, at: performance.now(), job };

  const share = progress === undefined ? undefined : done / total;
  const words = progressWords(job, usePanel().jobs.active.value);
  const left = progress === undefined ? undefined : timeLeft(done, total, timing.current);
  return (
    <div class="progress">
      <div
        class="progress-bar"
        role="progressbar"
        aria-label="Edit"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
        aria-valuetext={words}
        data-unknown={share === undefined}
      >
        <div style={share === undefined ? {} : { width: `${share * 100}%` }} />
      </div>
      <p class="progress-words">
        <span>{words}</span>
        {left !== undefined && <span>{formatDuration(left)} left</span>}
      </p>
    </div>
  );
}

function timeLeft(
  done: number,
  total: number,
  timing: { readonly done: number; readonly at: number } | undefined,
): number | undefined {
  if (timing === undefined || done - timing.done < FIRST_TIMED_STEP || done === total) return undefined;
  return ((performance.now() - timing.at) / (done - timing.done)) * (total - done);
}
