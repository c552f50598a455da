import type { EditRequest } from "../../../../shared/protocol/edit-request.ts";
import { toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { EditInput } from "../../engines/edit-engine.ts";
import { takeSnapshot } from "../../masks/take-snapshot.ts";
import type { Draft } from "../../pictures/draft.ts";
import type { EditJob } from "../list/edit-job.ts";
import { pictureWith } from "../variants/picture-with.ts";
import { type InputContext, type JobOrigin, originOf } from "./build-input.ts";
import { inputOf } from "./input-of.ts";

/** Runs a request as a new job beside a draft; `prepare` answers what is sent. Ends with the job. */
export type StartJob = (
  draft: Draft,
  request: EditRequest,
  prepare: () => Promise<EditInput>,
  origin: JobOrigin,
) => Promise<EditJob>;

/** What is drawn from a variant keeps to it with half the strength, and with less than this nothing new comes of it. */
const LIKENESS_SHARE = 0.5;
const LEAST_LIKENESS_STRENGTH = 0.3;

/** Draws jobs again: from their own pictures, whatever the draft shows by now. */
export class Repeats {
  /** What failed last of a draft, where it was not the draft's own edit but an earlier job's. */
  readonly #failed = new WeakMap<Draft, EditJob>();
  readonly #context: InputContext;
  readonly #start: StartJob;

  constructor(context: InputContext, start: StartJob) {
    this.#context = context;
    this.#start = start;
  }

  /** Runs a job again as it was, from its own picture and mask, with another seed or a changed request. */
  async again(draft: Draft, job: EditJob, change: Partial<EditRequest> = {}): Promise<void> {
    const input = await readInput(draft, job);
    if (input === undefined) return;
    const seed = this.#context.settings.takeSeed();
    // The change is of the same task, so the request stays one of its kind.
    const request = { ...job.request, seed, ...change } as EditRequest;
    await this.#repeat(draft, job, request, async () => ({ ...input, request }));
  }

  /**
   * Draws a job again from the variant that is looked at, so that the new ones keep to it: half the strength, over the picture with the
   * variant in it. Where a task has no strength, another seed has to do.
   */
  async moreLikeThis(draft: Draft, job: EditJob): Promise<void> {
    const variant = draft.chosen.peek();
    const { request } = job;
    if (variant === undefined || !hasStrength(request)) return await this.again(draft, job);
    const input = await readInput(draft, job);
    if (input === undefined) return;
    const { settings, pixels } = this.#context;
    const strength = Math.max(LEAST_LIKENESS_STRENGTH, (request.strength ?? 1) * LIKENESS_SHARE);
    const changed = { ...request, strength, seed: settings.takeSeed() };
    const prepare = async () => ({ ...input, request: changed, image: await pictureWith(job, variant, pixels) });
    const target = variant.takesAway && job.target ? { ...job.target, takesAway: true } : job.target;
    const { fileId, sourceSize } = job;
    await this.#repeat(draft, { target, fileId, sourceSize }, changed, prepare);
  }

  /**
   * Draws a job again with the mask as it is now, as its shapes have changed: the same picture, words and seed. Inserted, it takes the
   * place of what that job brought.
   */
  async redraw(draft: Draft, job: EditJob): Promise<void> {
    const input = await readInput(draft, job);
    const { session } = draft;
    if (input === undefined || session === undefined || job.target === undefined) return;
    const { maskVersion } = originOf(draft, this.#context).target ?? {};
    const target = { ...job.target, redraws: job.documentId, ...(maskVersion !== undefined && { maskVersion }) };
    const mask = this.#context.pixels.encodeMask(takeSnapshot(session.mask));
    const { fileId, sourceSize } = job;
    await this.#start(draft, job.request, async () => ({ ...input, mask: await mask }), { target, fileId, sourceSize });
  }

  /** Runs the repeat of a draft that has failed once more; false where the draft's own edit was the last one. */
  async retry(draft: Draft, change: Partial<EditRequest>): Promise<boolean> {
    const failed = this.#failed.get(draft);
    if (failed?.input === undefined) return false;
    const { input } = failed;
    // The change is of the same task, so the request stays one of its kind.
    const request = { ...failed.request, ...change } as EditRequest;
    await this.#repeat(draft, failed, request, async () => ({ ...input, request }));
    return true;
  }

  /** Something else was begun. */
  forget(draft: Draft): void {
    this.#failed.delete(draft);
  }

  async #repeat(draft: Draft, from: JobOrigin, request: EditRequest, prepare: () => Promise<EditInput>): Promise<void> {
    const job = await this.#start(draft, request, prepare, from);
    if (job.state.peek().type === "failed") this.#failed.set(draft, job);
  }
}

/** What a job was drawn from, or nothing after telling that it cannot be had any more. */
async function readInput(draft: Draft, job: EditJob): Promise<EditInput | undefined> {
  try {
    return await inputOf(job);
  } catch (error) {
    draft.problem.value = { error: toErrorData(error), fixes: [] };
    return undefined;
  }
}

function hasStrength(request: EditRequest): request is Extract<EditRequest, { task: "inpaint" | "restyle" }> {
  return request.task === "inpaint" || request.task === "restyle";
}
