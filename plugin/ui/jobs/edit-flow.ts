import { batch, signal } from "@preact/signals";
import type { JobTarget } from "../../../shared/protocol/api.ts";
import { type EditRequest, editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { ModelId } from "../../../shared/protocol/model-facts.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { Settings } from "../app/settings.ts";
import type { EditInput, EditRun } from "../engines/edit-engine.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { BoardPlan } from "../extend/plan-boards.ts";
import { takeSnapshot } from "../masks/take-snapshot.ts";
import { fittingModels, modelFor } from "../models/model-for.ts";
import type { Draft } from "../pictures/draft.ts";
import type { Sessions } from "../pictures/sessions.ts";
import type { PixelTools } from "../pixels/pixel-tools.ts";
import type { PromptHistory } from "../prompts/prompt-history.ts";
import { variationsOf } from "../prompts/variations.ts";
import { buildRequest, chosenControls } from "./build-request.ts";
import { Durations } from "./durations.ts";
import { EditJob } from "./edit-job.ts";
import type { JobList } from "./job-list.ts";
import { reportProblem } from "./report-problem.ts";
import { cancelJob, resumeJob, runJob } from "./run-job.ts";

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

/** What a job begins from, and where its result belongs. */
interface JobOrigin extends Pick<EditJob, "target" | "sourceSize" | "drawnOn"> {
  readonly boardPlan: Pick<BoardPlan, "board" | "frame"> | undefined;
}

/** What is drawn from a variant keeps to it with half the strength, and with less than this nothing new comes of it. */
const LIKENESS_SHARE = 0.5;
const LEAST_LIKENESS_STRENGTH = 0.3;

/** Takes drafts to jobs, and looks at what they bring. */
export class EditFlow {
  readonly durations: Durations;
  /** The job that was discarded last, until it is gone for good. */
  readonly discarded = signal<{ readonly draft: Draft; readonly job: EditJob } | undefined>(undefined);
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
    this.#options.prompts.add(draft.prompt.peek());
    const variations = variationsOf(request.prompt);
    if (variations === undefined) return await this.#start(draft, request, () => this.#inputFor(draft, request));
    // Each choice of words with the same seed: what differs is what the words do.
    await Promise.all(
      variations.map((prompt) => {
        const varied = { ...request, prompt };
        return this.#start(draft, varied, () => this.#inputFor(draft, varied));
      }),
    );
  }

  /** Takes the background of a draft's picture away, as a job of its own. */
  async cutOut(draft: Draft, model: ModelId): Promise<void> {
    const { session } = draft;
    if (session === undefined) return;
    const request = editRequestSchema.parse({ task: "cutout", model });
    const { fileId } = session.shape.peek();
    const target = this.#targetOf(draft);
    const { bytes, mime } = session.source;
    await this.#start(draft, request, async () => ({
      request,
      image: { bytes, mime },
      ...(target && { target }),
      ...(fileId !== undefined && { fileId }),
    }));
  }

  /** Extends the picture to several boards, a job each, all with one seed. */
  async fillBoards(draft: Draft, plans: readonly BoardPlan[]): Promise<void> {
    const { session } = draft;
    if (session === undefined) return;
    const before = session.sides.peek();
    const requests = batch(() => {
      const built = plans.map(({ sides }) => {
        session.setSides(sides);
        return this.#requestFor(draft);
      });
      session.setSides(before);
      return built;
    });
    const seed = requests.find((request) => request !== undefined)?.seed;
    await Promise.all(
      plans.map(async (boardPlan, i) => {
        const request = requests[i];
        if (request === undefined || seed === undefined) return;
        const seeded = { ...request, seed };
        await this.#start(draft, seeded, () => this.#inputFor(draft, seeded), {
          ...this.#originOf(draft),
          boardPlan,
        });
      }),
    );
  }

  /** Runs a job again as it was, from its own picture and mask, with another seed or a changed request. */
  async again(draft: Draft, job: EditJob, change: Partial<EditRequest> = {}): Promise<void> {
    const { input } = job;
    if (input === undefined) return await this.generate(draft);
    const seed = this.#options.settings.takeSeed();
    // The change is of the same task, so the request stays one of its kind.
    const request = { ...job.request, seed, ...change } as EditRequest;
    await this.#start(draft, request, async () => ({ ...input, request }), job);
  }

  /**
   * Draws a job again from the variant that is looked at, so that the new ones keep to it: half the strength, over the picture with the
   * variant in it. Where a task has no strength, another seed has to do.
   */
  async moreLikeThis(draft: Draft, job: EditJob): Promise<void> {
    const { input } = job;
    const variant = draft.chosen.peek();
    const { request } = job;
    const image = input?.image;
    if (image === undefined || variant === undefined || !hasStrength(request)) return await this.again(draft, job);
    const { x, y, width, height } = variant.result.layer;
    const layer = { shapeId: job.id, name: job.id, bytes: variant.png, mime: "image/png", opacity: 1 };
    const laid = { ...layer, matrix: [width, 0, 0, height, x, y] as const, blendMode: "normal" as const };
    const strength = Math.max(LEAST_LIKENESS_STRENGTH, (request.strength ?? 1) * LIKENESS_SHARE);
    const changed = { ...request, strength, seed: this.#options.settings.takeSeed() };
    const prepare = async () => ({
      ...input,
      request: changed,
      image: await this.#options.pixels.composeSource(image, [laid]),
    });
    await this.#start(draft, changed, prepare, job);
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

  async cancelJob(job: EditJob): Promise<void> {
    await cancelJob(job);
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

  async #start(
    draft: Draft,
    request: EditRequest,
    prepare: () => Promise<EditInput>,
    { target, sourceSize, drawnOn, boardPlan }: JobOrigin = this.#originOf(draft),
  ): Promise<void> {
    const { jobs, engines } = this.#options;
    draft.clearMessages();
    this.discarded.value = undefined;
    const job = new EditJob({
      request,
      target,
      sourceSize,
      drawnOn,
      ...(boardPlan && { boardPlan }),
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
    if (state.type === "failed") reportProblem(draft, state.error, "editing", this.#options);
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

  /** What a new job of the draft begins from. */
  #originOf(draft: Draft): JobOrigin {
    const { session } = draft;
    const drawnOn = session?.source.drawnOn ?? [];
    return { target: this.#targetOf(draft), sourceSize: session?.mask.size, drawnOn, boardPlan: undefined };
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
}

function hasStrength(request: EditRequest): request is Extract<EditRequest, { task: "inpaint" | "restyle" }> {
  return request.task === "inpaint" || request.task === "restyle";
}
