import { signal } from "@preact/signals";
import type { Job, JobTarget } from "../../../shared/protocol/api.ts";
import type { EditEvent, EditResult } from "../../../shared/protocol/edit-event.ts";
import type { EditRequest } from "../../../shared/protocol/edit-request.ts";
import type { ErrorData } from "../../../shared/protocol/error-data.ts";
import { fromErrorData, OverpaintError, toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { DecodePicture } from "../canvas/picture.ts";
import { bundledModelFor } from "../engines/browser/bundled-models.ts";
import type { EditInput, EditRun } from "../engines/edit-engine.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { PixelTools } from "../pixels/pixel-tools.ts";
import { takeSnapshot } from "../pixels/take-snapshot.ts";
import { buildRequest, chosenControls } from "./build-request.ts";
import { durationKey } from "./duration-key.ts";
import { chosenVariant, type Edit, type EditPhase, type FinishedVariant } from "./edit.ts";
import { fittingModels, modelFor } from "./model-for.ts";
import { leaveResult, markPlaced, setPlacing } from "./place-phase.ts";
import { type DocumentLink, placeResult } from "./place-result.ts";
import { describeProblem, type Fix, type ProblemSource } from "./problem.ts";
import { missReference, restoreEdit } from "./restore-edit.ts";
import { type ResultPhase, releaseResult, resultOf } from "./result-phase.ts";
import type { Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import { showProgress } from "./show-progress.ts";

export interface EditFlowOptions {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly sandbox: DocumentLink;
  readonly pixels: PixelTools;
  readonly decode: DecodePicture;
  /** Milliseconds from any origin. */
  readonly now: () => number;
}

/** One press of the button, over all engines it may have to be tried on. */
interface Attempt {
  isCancelled: boolean;
  run?: EditRun;
  /** The result that was there before. It comes back unless this attempt brings one of its own. */
  previous?: ResultPhase | undefined;
}

/** What of an edit its phase tells, beside the run. */
type Subject = Pick<Extract<EditPhase, { type: "running" }>, "target" | "count">;

/** Takes an edit from the button into the document: request, engine, progress, results, placement. */
export class EditFlow {
  /** How long a variant took last, in milliseconds, to tell how long the next edit will. */
  readonly durations = signal<Readonly<Record<string, number>>>({});
  readonly #options: EditFlowOptions;
  readonly #attempts = new WeakMap<Edit, Attempt>();

  constructor(options: EditFlowOptions) {
    this.#options = options;
  }

  /**
   * Runs what is painted, typed and set. Ends with results, a problem or, when cancelled, with everything as it was. A
   * result that is already there is kept until the new run delivers one.
   */
  async generate(edit: Edit): Promise<void> {
    const { phase, session } = edit;
    const before = phase.peek();
    if (before.type === "starting" || before.type === "running" || (before.type === "result" && before.isPlacing))
      return;
    const request = this.#requestFor(edit);
    if (request === undefined) return;
    edit.clearMessages();
    edit.isComparing.value = false;
    const attempt: Attempt = { isCancelled: false, previous: resultOf(before) };
    this.#attempts.set(edit, attempt);
    phase.value = { type: "starting" };
    try {
      const { pixels, settings } = this.#options;
      const target = this.#targetOf(edit);
      const isRestyle = request.task === "restyle";
      const reference = (isRestyle ? settings.reference : settings.promptPicture.picture).peek();
      await this.#runAnywhere(edit, attempt, {
        request,
        ...(session && { image: { bytes: session.source.bytes, mime: session.source.mime } }),
        ...(session && request.task === "inpaint" && { mask: await pixels.encodeMask(takeSnapshot(session.mask)) }),
        ...(reference && (isRestyle || request.referenceModel !== null) && { reference }),
        ...(request.controls.length > 0 && { controls: this.#controlPictures(request) }),
        ...(target && { target }),
      });
    } catch (error) {
      this.#end(edit, attempt, toErrorData(error));
    }
  }

  async cancel(edit: Edit): Promise<void> {
    const attempt = this.#attempts.get(edit);
    const phase = edit.phase.peek();
    if (attempt === undefined || attempt.isCancelled) return;
    attempt.isCancelled = true;
    edit.notice.value = undefined;
    if (phase.type === "running") edit.phase.value = { ...phase, isCancelling: true };
    else this.#restore(edit, attempt);
    // A companion that is gone cancels nothing and needs to: following its stream ends the attempt.
    await attempt.run?.cancel().catch(() => {});
  }

  /** Shows a job that ran while no panel was open, from its first event on. */
  async resume(edit: Edit, job: Job): Promise<void> {
    const attempt: Attempt = { isCancelled: false };
    this.#attempts.set(edit, attempt);
    restoreEdit(edit, job, this.#options);
    try {
      const run = this.#options.engines.companionEngine.attach(job.id);
      await this.#follow(edit, attempt, run, { target: job.target, count: job.request.count });
      const { reference, promptPicture } = this.#options.settings;
      const picture = edit.task === "restyle" ? reference : promptPicture.picture;
      if (picture.peek() === undefined) missReference(edit);
    } catch (error) {
      this.#end(edit, attempt, toErrorData(error));
    }
  }

  /** Looks at a finished variant; without one, at the one that runs. */
  choose(edit: Edit, variant: number | undefined): void {
    const phase = edit.phase.peek();
    if (phase.type === "running") edit.phase.value = { ...phase, chosen: variant };
    if (phase.type === "result" && variant !== undefined) edit.phase.value = { ...phase, chosen: variant };
  }

  /** Brings the chosen variant into the document. The only one of its edit ends it; others stay to be inserted too. */
  async insert(edit: Edit): Promise<void> {
    const phase = edit.phase.peek();
    const variant = chosenVariant(phase);
    if ((phase.type !== "result" && phase.type !== "running") || variant === undefined || phase.isPlacing) return;
    edit.phase.value = { ...phase, isPlacing: true };
    edit.problem.value = undefined;
    const { sessions, settings } = this.#options;
    const replacesFill = edit.task === "upscale" && settings.replacesFill.peek();
    try {
      const placement = { edit, variant, targetId: phase.target?.shapeId, replacesFill };
      const { shapeId, words, notice } = await placeResult(placement, this.#options);
      sessions.rememberPlaced(shapeId);
      edit.notice.value = notice;
      edit.placed.value = { shapeId, words };
      markPlaced(edit, variant, edit.session !== undefined && !replacesFill);
      if (replacesFill && edit.session !== undefined) await sessions.showReplaced(edit.session, words);
    } catch (error) {
      setPlacing(edit, false);
      this.#report(edit, toErrorData(error), "placing");
    }
  }

  /** Gives the results up; everything else stays. */
  discard(edit: Edit): void {
    leaveResult(edit);
    edit.clearMessages();
  }

  /** What is to be run, or nothing after telling why it cannot be. */
  #requestFor(edit: Edit): EditRequest | undefined {
    const { settings, sessions, engines } = this.#options;
    try {
      const model = modelFor(edit.task, settings);
      const fitting = fittingModels(engines.models.peek(), model);
      return buildRequest(edit, { settings, model, fitting, target: sessions.target.peek() });
    } catch (error) {
      this.#report(edit, toErrorData(error), "editing");
      return undefined;
    }
  }

  /** The pictures of a request's controls that have their own. */
  #controlPictures({ model }: EditRequest) {
    const { settings, engines } = this.#options;
    return chosenControls(settings, fittingModels(engines.models.peek(), model)).map(({ picture }) => picture);
  }

  /** Where the result belongs: to the edit's picture or, for a new one, into the selected shape if that is wished. */
  #targetOf({ session }: Edit): JobTarget | undefined {
    const { sessions, settings } = this.#options;
    const shape = session?.shape.peek() ?? (settings.fillsTarget.peek() ? sessions.target.peek() : undefined);
    if (shape === undefined) return undefined;
    const { fileId, pageId, shapeId, name: shapeName } = shape;
    return { pageId, shapeId, shapeName, ...(fileId === undefined ? {} : { fileId }) };
  }

  /** On the engine in charge; when the companion dies on the way, the same edit again in the browser. */
  async #runAnywhere(edit: Edit, attempt: Attempt, input: EditInput): Promise<void> {
    const { engines } = this.#options;
    const { model, task, count } = input.request;
    for (let restarts = 0; ; restarts++) {
      const engine = await engines.engine();
      if (attempt.isCancelled) throw cancelledError();
      try {
        const started = this.#options.now();
        const run = await engine.start(input);
        await this.#follow(edit, attempt, run, { target: input.target, count });
        if (attempt.isCancelled || edit.phase.peek().type !== "result") return;
        const key = durationKey(engine.place, model, task);
        this.durations.value = { ...this.durations.peek(), [key]: (this.#options.now() - started) / count };
        return;
      } catch (error) {
        const lost = toErrorData(error);
        if (attempt.isCancelled || engine.place === "browser" || restarts > 0) throw error;
        if (lost.code === "companion-unreachable") {
          await engines.reportCompanionLost(lost);
          edit.notice.value = "The companion stopped answering. This edit goes on in the browser.";
        } else if (lost.code === "not-found" && attempt.run !== undefined) {
          edit.notice.value = "The companion was restarted. This edit starts again.";
        } else throw error;
        attempt.previous = resultOf(edit.phase.peek()) ?? attempt.previous;
        edit.phase.value = { type: "starting" };
      }
    }
  }

  /** Follows a run to its end. Throws when the run failed or contact was lost before anything was finished. */
  async #follow(edit: Edit, attempt: Attempt, run: EditRun, subject: Subject): Promise<void> {
    attempt.run = run;
    if (attempt.isCancelled) {
      await run.cancel().catch(() => {});
      run.acknowledge().catch(() => {});
      throw cancelledError();
    }
    const start = { ahead: 0, progress: undefined, preview: undefined, isCancelling: false, isPlacing: false };
    edit.phase.value = { type: "running", run, ...subject, ...start, isLoaded: false, variants: [], chosen: undefined };
    let final: EditEvent | undefined;
    const arrivals: Promise<void>[] = [];
    await run.follow((event) => {
      final = event;
      if (event.type !== "result") return showProgress(edit, event);
      // Fetched at once: the engine may be gone by the time somebody decides to insert it.
      const arrival = this.#receive(edit, attempt, run, event.result);
      arrival.catch(() => {});
      arrivals.push(arrival);
    });
    const arrived = await Promise.allSettled(arrivals);
    const result = resultOf(edit.phase.peek());
    if (result !== undefined) {
      edit.phase.value = result;
      if (final?.type === "failed") this.#report(edit, final.error, "editing");
      return;
    }
    if (final?.type === "failed" || final?.type === "cancelled" || attempt.isCancelled)
      run.acknowledge().catch(() => {});
    if (final?.type === "failed") throw fromErrorData(final.error);
    if (final?.type === "cancelled" || attempt.isCancelled) throw cancelledError();
    const failure = arrived.find((each) => each.status === "rejected");
    throw failure?.reason ?? new OverpaintError("invalid-output", "The edit ended without a picture.", "Try again.");
  }

  /** Fetches a finished variant and puts it among the others. */
  async #receive(edit: Edit, attempt: Attempt, run: EditRun, result: EditResult): Promise<void> {
    const png = await run.readLayer(result.variant);
    const picture = await this.#options.decode(png, "image/png");
    const phase = edit.phase.peek();
    if (phase.type !== "running" || phase.run !== run) return picture.close();
    const variant: FinishedVariant = { result, png, picture, isPlaced: false };
    const variants = [...phase.variants, variant].sort((a, b) => a.result.variant - b.result.variant);
    edit.phase.value = { ...phase, variants };
    if (attempt.previous !== undefined) releaseResult(attempt.previous);
    attempt.previous = undefined;
  }

  /** Ends an attempt with what it brought, else with what was there before it. */
  #restore(edit: Edit, attempt: Attempt): void {
    const kept = resultOf(edit.phase.peek()) ?? attempt.previous;
    attempt.previous = undefined;
    edit.phase.value = kept === undefined ? { type: "idle" } : { ...kept, isPlacing: false };
  }

  #end(edit: Edit, attempt: Attempt, error: ErrorData): void {
    // Somebody may have cancelled this attempt and begun another.
    if (this.#attempts.get(edit) !== attempt) return;
    const { type } = edit.phase.peek();
    if (type === "starting" || type === "running") this.#restore(edit, attempt);
    if (!attempt.isCancelled && error.code !== "cancelled") this.#report(edit, error, "editing");
  }

  #report(edit: Edit, error: ErrorData, source: ProblemSource): void {
    const { engines, settings } = this.#options;
    const inapplicable = new Set<Fix>();
    const isBundled = modelFor(edit.task, settings) === bundledModelFor(edit.task);
    if (isBundled) inapplicable.add("use-starter");
    if (engines.place.peek() === "browser") inapplicable.add("run-in-browser");
    if (engines.companion.peek().type === "up") inapplicable.add("check-companion");
    edit.problem.value = describeProblem(error, source, inapplicable);
  }
}

function cancelledError(): OverpaintError {
  return new OverpaintError("cancelled", "The edit was cancelled.");
}
