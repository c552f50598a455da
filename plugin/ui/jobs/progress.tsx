import { useRef } from "preact/hooks";
import { formatDuration } from "./format-duration.ts";
import { type PhaseInProgress, progressWords } from "./progress-words.ts";

/** Steps before this one are dominated by loading the model and tell nothing about the pace. */
const FIRST_TIMED_STEP = 2;

/** How far the edit is, in a bar and in words. */
export function Progress({ phase }: { readonly phase: PhaseInProgress }) {
  const timing = useRef<{ step: number; at: number; variant: number } | undefined>(undefined);
  const progress = phase.type === "running" ? phase.progress : undefined;
  if (progress === undefined) timing.current = undefined;
  else if (timing.current?.variant !== progress.variant)
    timing.current = { step: progress.step, at: performance.now(), variant: progress.variant };

  const share = progress === undefined ? undefined : progress.step / progress.steps;
  const words = progressWords(phase);
  const left = progress === undefined ? undefined : timeLeft(progress, timing.current);
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
  { step, steps }: { readonly step: number; readonly steps: number },
  timing: { readonly step: number; readonly at: number } | undefined,
): number | undefined {
  if (timing === undefined || step - timing.step < FIRST_TIMED_STEP || step === steps) return undefined;
  return ((performance.now() - timing.at) / (step - timing.step)) * (steps - step);
}
