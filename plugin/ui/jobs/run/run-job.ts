import type { EditEvent, EditResult } from "../../../../shared/protocol/edit-event.ts";
import { fromErrorData, OverpaintError, toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { EditRun } from "../../engines/edit-engine.ts";
import type { EngineChoice } from "../../engines/engine-choice.ts";
import type { EditJob } from "../list/edit-job.ts";
import type { JobList } from "../list/job-list.ts";

export interface RunJobOptions {
  readonly engines: EngineChoice;
  readonly jobs: JobList;
  /** Something worth knowing that needs no decision. */
  readonly onNotice: (words: string | undefined) => void;
}

/**
 * Draws a job on the engine in charge; when the companion dies on the way, the same job again in the browser. Ends with the job
 * over: every failure is told by its state, and by `missing`. `prepare` encodes what is sent.
 */
export async function runJob(
  job: EditJob,
  prepare: () => Promise<EditJob["input"]>,
  options: RunJobOptions,
): Promise<void> {
  await settle(job, async () => {
    const { engines } = options;
    const input = await prepare();
    if (input === undefined) throw new OverpaintError("internal", "The edit has no input.");
    job.input = input;
    let isCompanionLost = false;
    for (let restarts = 0; ; restarts++) {
      const engine = await engines.engine();
      if (job.isCancelling.peek()) throw cancelledError();
      try {
        return await followRun(job, await engine.start(input), options.jobs);
      } catch (error) {
        const lost = toErrorData(error);
        if (isCompanionLost && (lost.code === "engine-unavailable" || lost.code === "device-unavailable")) {
          options.onNotice(undefined);
          throw noneLeft(error);
        }
        if (job.isCancelling.peek() || engine.place === "browser" || restarts > 0) throw error;
        if (lost.code === "companion-unreachable") {
          await engines.reportCompanionLost(lost);
          isCompanionLost = true;
          options.onNotice("The companion stopped answering. This edit goes on in the browser.");
        } else if (lost.code === "not-found" && job.run !== undefined) {
          options.onNotice("The companion was restarted. This edit starts again.");
        } else throw error;
        job.state.value = { type: "starting" };
      }
    }
  });
}

/** Follows a job that an engine already has. */
export async function resumeJob(job: EditJob, run: EditRun, jobs: JobList): Promise<void> {
  await settle(job, () => followRun(job, run, jobs));
}

/** Takes effect between steps; a job that no engine has yet ends at once. */
export async function cancelJob(job: EditJob): Promise<void> {
  if (job.isOver.peek() || job.isCancelling.peek()) return;
  job.isCancelling.value = true;
  if (job.run === undefined) job.state.value = { type: "cancelled" };
  // A companion that is gone cancels nothing and needs to: following its stream ends the job.
  await job.run?.cancel().catch(() => {});
}

/** Fetches the variants that did not arrive; those that do not now either stay `missing`. */
export async function fetchMissing(job: EditJob, jobs: JobList): Promise<void> {
  const { run } = job;
  if (run !== undefined)
    await Promise.all(job.missing.peek().map(({ result }) => fetchVariant(job, run, result, jobs)));
}

async function settle(job: EditJob, draw: () => Promise<void>): Promise<void> {
  try {
    await draw();
    job.state.value = { type: "done" };
  } catch (error) {
    const data = toErrorData(error);
    const isCancelled = job.isCancelling.peek() || data.code === "cancelled";
    job.state.value = isCancelled ? { type: "cancelled" } : { type: "failed", error: data };
  }
}

/**
 * Follows a run to its end, fetching each variant as it is finished; those that do not arrive are `missing`. Throws when the run
 * failed, was cancelled or brought nothing: only then has its engine nothing left to keep.
 */
async function followRun(job: EditJob, run: EditRun, jobs: JobList): Promise<void> {
  job.begin(run);
  job.missing.value = [];
  if (job.isCancelling.peek()) {
    await run.cancel().catch(() => {});
    job.acknowledge();
    throw cancelledError();
  }
  let final: EditEvent | undefined;
  const arrivals: Promise<void>[] = [];
  await run.follow((event) => {
    final = event;
    job.tell(event, run.place);
    // Fetched at once: the engine may be gone by the time somebody decides to insert it.
    if (event.type === "result") arrivals.push(fetchVariant(job, run, event.result, jobs));
  });
  await Promise.all(arrivals);
  const isEmpty = job.variants.peek().length === 0 && job.missing.peek().length === 0;
  if (isEmpty) job.acknowledge();
  if (final?.type === "failed") throw fromErrorData(final.error);
  if (final?.type === "cancelled") throw cancelledError();
  if (isEmpty) throw new OverpaintError("invalid-output", "The edit ended without a picture.", "Try again.");
}

async function fetchVariant(job: EditJob, run: EditRun, result: EditResult, jobs: JobList): Promise<void> {
  try {
    await jobs.receive(job, result, await run.readLayer(result.variant));
  } catch (error) {
    job.miss({ result, error: toErrorData(error) });
  }
}

/** The companion stopped, and the browser's engine was never fetched from it. */
function noneLeft(cause: unknown): OverpaintError {
  return new OverpaintError(
    "companion-unreachable",
    "The companion stopped answering, and the browser engine has not been fetched from it before.",
    "Start the companion again. With “Keep the browser engine ready”, edits go on without it.",
    { cause },
  );
}

function cancelledError(): OverpaintError {
  return new OverpaintError("cancelled", "The edit was cancelled.");
}
