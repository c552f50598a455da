import { batch, signal } from "@preact/signals";
import { type EditRequest, editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { ModelId } from "../../../../shared/protocol/models/model-facts.ts";
import { toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { Settings } from "../../app/settings.ts";
import type { EditInput, EditRun } from "../../engines/edit-engine.ts";
import type { EngineChoice } from "../../engines/engine-choice.ts";
import type { BoardPlan } from "../../extend/plan-boards.ts";
import { TiledMask } from "../../masks/tiled-mask.ts";
import { fittingModels, modelFor } from "../../models/model-for.ts";
import type { Draft } from "../../pictures/draft.ts";
import { takesMask } from "../../pictures/edit-session.ts";
import type { Sessions } from "../../pictures/sessions.ts";
import type { PixelTools } from "../../pixels/pixel-tools.ts";
import type { PromptHistory } from "../../prompts/prompt-history.ts";
import { variationsOf } from "../../prompts/variations.ts";
import { EditJob } from "../list/edit-job.ts";
import type { JobList } from "../list/job-list.ts";
import { Durations } from "../progress/durations.ts";
import { buildInput, type JobOrigin, originOf } from "./build-input.ts";
import { buildRequest } from "./build-request.ts";
import { Repeats } from "./repeats.ts";
import { reportProblem } from "./report-problem.ts";
import { cancelJob, fetchMissing, resumeJob, runJob } from "./run-job.ts";

export interface EditFlowOptions {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly jobs: JobList;
  readonly pixels: PixelTools;
  readonly prompts: Pick<PromptHistory, "add">;
  /** Milliseconds from any origin. */
  readonly now: () => number;
}

/** Takes drafts to jobs, and looks at what they bring. */
export class EditFlow {
  readonly durations: Durations;
  readonly repeats: Repeats;
  /** The job that was discarded last, until it is gone for good. */
  readonly discarded = signal<{ readonly draft: Draft; readonly job: EditJob } | undefined>(undefined);
  readonly #options: EditFlowOptions;

  constructor(options: EditFlowOptions) {
    this.#options = options;
    this.durations = new Durations(options.now);
    this.repeats = new Repeats(options, (...job) => this.#start(...job));
  }

  /**
   * Runs the draft as a new job, beside those that run already. Ends when the job is over. Results that are there stay; the stage
   * turns to the new job unless it shows one that still runs.
   */
  async generate(draft: Draft): Promise<void> {
    const request = this.#requestFor(draft);
    if (request === undefined) return;
    this.#options.prompts.add(draft.prompt.peek());
    // Each choice of words with the same seed: what differs is what the words do.
    await Promise.all(variedRequests(request).map((varied) => this.#startDraft(draft, varied)));
  }

  /** Takes the background of a draft's picture away, as a job of its own. */
  async cutOut(draft: Draft, model: ModelId): Promise<void> {
    await this.#startDraft(draft, editRequestSchema.parse({ task: "cutout", model }));
  }

  /** Extends the picture to several boards, a job each (and for each choice of words), all with one seed. */
  async fillBoards(draft: Draft, plans: readonly BoardPlan[]): Promise<void> {
    const { session } = draft;
    if (session === undefined) return;
    const before = session.extension.sides.peek();
    const requests = batch(() => {
      const built = plans.map(({ sides }) => {
        session.extension.setSides(sides);
        return this.#requestFor(draft);
      });
      session.extension.setSides(before);
      return built;
    });
    const seed = requests.find((request) => request !== undefined)?.seed;
    if (seed === undefined) return;
    this.#options.prompts.add(draft.prompt.peek());
    await Promise.all(
      plans.flatMap((plan, i) => {
        const request = requests[i];
        if (request === undefined) return [];
        return variedRequests({ ...request, seed }).map((varied) => this.#startDraft(draft, varied, plan));
      }),
    );
  }

  /** Runs once more what has failed: an earlier job's edit as it was, or the draft as it is by now. */
  async retry(draft: Draft, change: Partial<EditRequest> = {}): Promise<void> {
    if (!(await this.repeats.retry(draft, change))) await this.generate(draft);
  }

  /** Gives the stage back to the draft; the results stay in the history. */
  leave(draft: Draft): void {
    draft.show(undefined);
    draft.clearMessages();
  }

  /** Cancels the job that is shown or, where that is over, the newest that runs for the draft. */
  async cancel(draft: Draft): Promise<void> {
    const shown = draft.shown.peek()?.job;
    const job = shown?.isActive.peek() ? shown : this.activeOf(draft)[0];
    draft.notice.value = undefined;
    if (job !== undefined) await cancelJob(job);
  }

  async cancelAll(): Promise<void> {
    // The last in the queue first: none of them should begin meanwhile.
    await Promise.all(this.#options.jobs.active.peek().map((job) => cancelJob(job)));
  }

  activeOf(draft: Draft): readonly EditJob[] {
    return this.jobsOf(draft).filter(({ isActive }) => isActive.value);
  }

  /** All jobs of a draft's picture and task, newest first, those without results and the discarded left out. */
  jobsOf({ task, session }: Draft): readonly EditJob[] {
    return this.#options.jobs
      .of(task, session?.shape.peek().shapeId)
      .filter(({ isBarren, isDiscarded }) => !isBarren.value && !isDiscarded.value);
  }

  /** Takes up a job that ran while no panel was open, from its first event on. */
  async resume(draft: Draft, job: EditJob, run: EditRun): Promise<void> {
    this.#options.jobs.add(job);
    if (takesMask(job.request.task)) void this.#showMask(job, () => run.readPart("mask"));
    await resumeJob(job, run, this.#options.jobs);
    job.mask.value = undefined;
    this.#tell(draft, job);
  }

  /** Gives the shown results up; they can be had back until something else is begun or given up. */
  discard(draft: Draft): void {
    const job = draft.shown.peek()?.job;
    draft.show(undefined);
    draft.clearMessages();
    if (job === undefined || job.isActive.peek()) return;
    this.#options.jobs.close(job);
    job.acknowledge();
    if (job.variants.peek().some(({ placedAs }) => placedAs !== undefined)) return;
    job.isDiscarded.value = true;
    this.#loseDiscarded();
    this.discarded.value = { draft, job };
  }

  undoDiscard(): void {
    const { draft, job } = this.discarded.peek() ?? {};
    this.discarded.value = undefined;
    if (draft === undefined || job === undefined) return;
    job.isDiscarded.value = false;
    const [first] = job.variants.peek();
    draft.show(job, first?.result.variant);
  }

  /** What was discarded before is gone for good, unless somebody has come back to it through the history. */
  #loseDiscarded(): void {
    const job = this.discarded.peek()?.job;
    this.discarded.value = undefined;
    if (job?.isDiscarded.peek()) this.#options.jobs.release(job);
  }

  /** Tries once more for the draft's variants that did not arrive. */
  async fetchMissing(draft: Draft): Promise<void> {
    const { jobs } = this.#options;
    const incomplete = jobs
      .of(draft.task, draft.session?.shape.peek().shapeId)
      .filter(({ missing }) => missing.peek().length > 0);
    for (const job of incomplete) {
      await fetchMissing(job, jobs);
      this.#tell(draft, job);
    }
  }

  async #startDraft(draft: Draft, request: EditRequest, plan?: BoardPlan): Promise<void> {
    const context = this.#options;
    await this.#start(draft, request, () => buildInput(draft, request, context), originOf(draft, context, plan));
  }

  async #start(
    draft: Draft,
    request: EditRequest,
    prepare: () => Promise<EditInput>,
    { target, fileId, sourceSize }: JobOrigin,
  ): Promise<EditJob> {
    const { jobs, engines } = this.#options;
    const belonging = { ...(target && { target }), ...(fileId !== undefined && { fileId }) };
    draft.clearMessages();
    this.#loseDiscarded();
    this.repeats.forget(draft);
    const job = new EditJob({ request, target, fileId, sourceSize, createdAt: Date.now() });
    jobs.add(job);
    if (!draft.isRunning.peek()) draft.show(job);
    this.durations.watch(job);
    const onNotice = (words: string | undefined) => {
      draft.notice.value = words;
    };
    const prepareJob = async () => {
      const input = { ...(await prepare()), ...belonging };
      const { mask } = input;
      if (mask !== undefined) void this.#showMask(job, async () => mask);
      return input;
    };
    await runJob(job, prepareJob, { engines, jobs, onNotice });
    job.mask.value = undefined;
    this.#tell(draft, job);
    return job;
  }

  /** Has the previews of a job show through its own mask, whatever is painted meanwhile. Without it, they do not show. */
  async #showMask(job: EditJob, read: () => Promise<Uint8Array<ArrayBuffer>>): Promise<void> {
    try {
      const { size, tiles } = await this.#options.pixels.decodeMask(await read());
      const mask = new TiledMask(size);
      for (const { index, pixels } of tiles) mask.setTile(index, pixels);
      if (job.isActive.peek()) job.mask.value = mask;
    } catch {
      // The result shows all the same.
    }
  }

  /** Says beside its draft why a job failed, or which of its variants did not arrive. */
  #tell(draft: Draft, job: EditJob): void {
    const state = job.state.peek();
    const [missing, ...others] = job.missing.peek();
    if (missing !== undefined) {
      const error = {
        code: missing.error.code,
        message: `${others.length + 1} of ${job.request.count} variants did not arrive: ${missing.error.message}`,
      };
      reportProblem(draft, error, "fetching", this.#options);
    } else if (state.type === "failed") reportProblem(draft, state.error, "editing", this.#options);
  }

  /** What is to be run, or nothing after telling why it cannot be. */
  #requestFor(draft: Draft): EditRequest | undefined {
    const { settings, sessions, engines } = this.#options;
    try {
      const model = modelFor(draft.task, settings);
      const fitting = fittingModels(engines.models.peek(), model);
      return buildRequest(draft, { settings, model, fitting, target: sessions.target.peek() });
    } catch (error) {
      reportProblem(draft, toErrorData(error), "editing", this.#options);
      return undefined;
    }
  }
}

/** A request for each choice of words in its prompt. */
function variedRequests(request: EditRequest): readonly EditRequest[] {
  return variationsOf(request.prompt)?.map((prompt) => ({ ...request, prompt })) ?? [request];
}
