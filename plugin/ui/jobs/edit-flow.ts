import { signal } from "@preact/signals";
import type { JobTarget } from "../../../shared/protocol/api.ts";
import type { EditRequest } from "../../../shared/protocol/edit-request.ts";
import type { ErrorData } from "../../../shared/protocol/error-data.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { describeProblem, type Fix, type ProblemSource } from "../app/problem.ts";
import type { Settings } from "../app/settings.ts";
import { bundledModelFor } from "../engines/browser/bundled-models.ts";
import type { EditInput, EditRun } from "../engines/edit-engine.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import { takeSnapshot } from "../masks/take-snapshot.ts";
import { fittingModels, modelFor } from "../models/model-for.ts";
import type { Draft } from "../pictures/draft.ts";
import type { Sessions } from "../pictures/sessions.ts";
import type { PixelTools } from "../pixels/pixel-tools.ts";
import { buildRequest, chosenControls } from "./build-request.ts";
import { Durations } from "./durations.ts";
import { EditJob } from "./edit-job.ts";
import type { JobList } from "./job-list.ts";
import { type DocumentLink, placeResult } from "./place-result.ts";
import { cancelJob, resumeJob, runJob } from "./run-job.ts";

export interface EditFlowOptions {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly jobs: JobList;
  readonly sandbox: DocumentLink;
  readonly pixels: PixelTools;
  /** Milliseconds from any origin. */
  readonly now: () => number;
}

/** Takes drafts to jobs and variants into the document. */
export class EditFlow {
  readonly durations: Durations;
  /** The job that was discarded last, until it is gone for good. */
  readonly discarded = signal<{ readonly draft: Draft; readonly job: EditJob } | undefined>(undefined);
  /** True while a variant is on its way into the document. */
  readonly isPlacing = signal(false);
  readonly #options: EditFlowOptions;

  constructor(options: EditFlowOptions) {
    this.#options = options;
    this.durations = new Durations(options.now);
  }

  /**
   * Runs the draft as a new job, beside those that run already. Ends when the job is over. Results that are there stay; the stage
   * turns to the new job unless it shows one that still runs.
   */
  async generate(draft: Draft): Promise<void> {
    const request = this.#requestFor(draft);
    if (request === undefined) return;
    await this.#start(draft, request, () => this.#inputFor(draft, request));
  }

  /** Runs a job again as it was, from its own picture and mask, with another seed or a changed request. */
  async again(draft: Draft, job: EditJob, change: Partial<EditRequest> = {}): Promise<void> {
    const { input } = job;
    if (input === undefined) return await this.generate(draft);
    const seed = this.#options.settings.takeSeed();
    // The change is of the same task, so the request stays one of its kind.
    const request = { ...job.request, seed, ...change } as EditRequest;
    await this.#start(draft, request, async () => ({ ...input, request }));
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

  /** Shows a job that ran while no panel was open, from its first event on. */
  async resume(draft: Draft, job: EditJob, run: EditRun): Promise<void> {
    this.#options.jobs.add(job);
    if (draft.isIdle.peek()) draft.show(job);
    await resumeJob(job, run, this.#options.jobs);
    this.#tell(draft, job);
  }

  /** Looks at a variant of a job; without a number, at the one that is drawn. */
  choose(draft: Draft, job: EditJob, variant: number | undefined): void {
    draft.show(job, variant);
    if (variant !== undefined) void this.#options.jobs.open(job, variant);
  }

  /** Brings the chosen variant into the document. The only one of its job gives the stage back to the draft. */
  async insert(draft: Draft): Promise<void> {
    const job = draft.shown.peek()?.job;
    const variant = draft.chosen.peek();
    if (job === undefined || variant === undefined || this.isPlacing.peek()) return;
    this.isPlacing.value = true;
    draft.problem.value = undefined;
    const { sessions, settings } = this.#options;
    const replacesFill = draft.task === "upscale" && settings.replacesFill.peek();
    try {
      const placement = { draft, variant, job, replacesFill };
      const { shapeId, words, notice } = await placeResult(placement, this.#options);
      sessions.rememberPlaced(shapeId);
      draft.notice.value = notice;
      draft.placed.value = { shapeId, words };
      job.isSeen.value = true;
      // What is decoded by now, which may have changed while it was uploaded.
      const placed = { ...(job.variant(variant.result.variant) ?? variant), placedAs: shapeId };
      job.keep(placed);
      if (job.isOver.peek() && job.variants.peek().every(({ placedAs }) => placedAs !== undefined)) job.acknowledge();
      if (job.isOver.peek() && job.variants.peek().length === 1) {
        draft.show(undefined);
        draft.inserted.value = draft.session !== undefined && !replacesFill ? placed : undefined;
      }
      if (replacesFill && draft.session !== undefined) await sessions.showReplaced(draft.session, words);
    } catch (error) {
      this.#report(draft, toErrorData(error), "placing");
    } finally {
      this.isPlacing.value = false;
    }
  }

  /** Gives the shown results up; they can be had back until others are. */
  discard(draft: Draft): void {
    const job = draft.shown.peek()?.job;
    draft.show(undefined);
    draft.clearMessages();
    if (job === undefined || job.isActive.peek()) return;
    this.#options.jobs.close(job);
    job.acknowledge();
    if (job.variants.peek().some(({ placedAs }) => placedAs !== undefined)) return;
    job.isDiscarded.value = true;
    this.discarded.value = { draft, job };
  }

  undoDiscard(): void {
    const { draft, job } = this.discarded.peek() ?? {};
    this.discarded.value = undefined;
    if (draft === undefined || job === undefined) return;
    job.isDiscarded.value = false;
    const [first] = job.variants.peek();
    this.choose(draft, job, first?.result.variant);
  }

  async #start(draft: Draft, request: EditRequest, prepare: () => Promise<EditInput>): Promise<void> {
    const { jobs, engines } = this.#options;
    const { session } = draft;
    draft.clearMessages();
    this.discarded.value = undefined;
    const job = new EditJob({
      request,
      target: this.#targetOf(draft),
      sourceSize: session?.mask.size,
      createdAt: Date.now(),
    });
    jobs.add(job);
    if (!draft.isRunning.peek()) draft.show(job);
    this.durations.watch(job);
    const onNotice = (words: string) => {
      draft.notice.value = words;
    };
    await runJob(job, prepare, { engines, jobs, onNotice });
    this.#tell(draft, job);
  }

  /** Says why a job failed, beside its draft. */
  #tell(draft: Draft, job: EditJob): void {
    const state = job.state.peek();
    if (state.type === "failed") this.#report(draft, state.error, "editing");
  }

  /** What is to be run, or nothing after telling why it cannot be. */
  #requestFor(draft: Draft): EditRequest | undefined {
    const { settings, sessions, engines } = this.#options;
    try {
      const model = modelFor(draft.task, settings);
      const fitting = fittingModels(engines.models.peek(), model);
      return buildRequest(draft, { settings, model, fitting, target: sessions.target.peek() });
    } catch (error) {
      this.#report(draft, toErrorData(error), "editing");
      return undefined;
    }
  }

  async #inputFor(draft: Draft, request: EditRequest): Promise<EditInput> {
    const { pixels, settings, sessions } = this.#options;
    const { session } = draft;
    const fileId = session?.shape.peek().fileId ?? sessions.fileId.peek();
    const target = this.#targetOf(draft);
    const isRestyle = request.task === "restyle";
    const reference = (isRestyle ? settings.reference : settings.promptPicture.picture).peek();
    return {
      request,
      ...(session && { image: { bytes: session.source.bytes, mime: session.source.mime } }),
      ...(session && request.task === "inpaint" && { mask: await pixels.encodeMask(takeSnapshot(session.mask)) }),
      ...(reference && (isRestyle || request.referenceModel !== null) && { reference }),
      ...(request.controls.length > 0 && { controls: this.#controlPictures(request) }),
      ...(target && { target }),
      ...(fileId !== undefined && { fileId }),
    };
  }

  /** The pictures of a request's controls that have their own. */
  #controlPictures({ model }: EditRequest) {
    const { settings, engines } = this.#options;
    return chosenControls(settings, fittingModels(engines.models.peek(), model)).map(({ picture }) => picture);
  }

  /** Where the result belongs: to the draft's picture or, for a new one, into the selected shape if that is wished. */
  #targetOf({ session }: Draft): JobTarget | undefined {
    const { sessions, settings } = this.#options;
    if (session !== undefined) {
      const { fileId, pageId, shapeId, name: shapeName, mediaId } = session.shape.peek();
      return { pageId, shapeId, shapeName, mediaId, ...(fileId === undefined ? {} : { fileId }) };
    }
    const shape = settings.fillsTarget.peek() ? sessions.target.peek() : undefined;
    if (shape === undefined) return undefined;
    const { fileId, pageId, shapeId, name: shapeName } = shape;
    return { pageId, shapeId, shapeName, ...(fileId === undefined ? {} : { fileId }) };
  }

  #report(draft: Draft, error: ErrorData, source: ProblemSource): void {
    const { engines, settings } = this.#options;
    const inapplicable = new Set<Fix>();
    const isBundled = modelFor(draft.task, settings) === bundledModelFor(draft.task);
    if (isBundled) inapplicable.add("use-starter");
    if (engines.place.peek() === "browser") inapplicable.add("run-in-browser");
    if (engines.companion.peek().type === "up") inapplicable.add("check-companion");
    draft.problem.value = describeProblem(error, source, inapplicable);
  }
}
