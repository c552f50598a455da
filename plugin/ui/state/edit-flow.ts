import { signal } from "@preact/signals";
import type { Job } from "../../../shared/protocol/api.ts";
import type { EditEvent, EditResult } from "../../../shared/protocol/edit-event.ts";
import type { ErrorData } from "../../../shared/protocol/error-data.ts";
import { fromErrorData, OverpaintError, toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { DecodePicture } from "../canvas/picture.ts";
import type { EditInput, EditRun } from "../engines/edit-engine.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { PixelTools } from "../pixels/pixel-tools.ts";
import { takeSnapshot } from "../pixels/take-snapshot.ts";
import type { SandboxLink } from "../sandbox-link/sandbox-link.ts";
import { buildRequest } from "./build-request.ts";
import type { EditSession } from "./edit-session.ts";
import { layerName } from "./layer-name.ts";
import { describeProblem, type Fix, type ProblemSource } from "./problem.ts";
import type { Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";

export interface EditFlowOptions {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly sandbox: Pick<SandboxLink, "placeLayer">;
  readonly pixels: PixelTools;
  readonly decode: DecodePicture;
  /** Milliseconds from any origin. */
  readonly now: () => number;
}

/** One press of the button, over all engines it may have to be tried on. */
interface Attempt {
  isCancelled: boolean;
  run?: EditRun;
}

/** Takes an edit from the button to the layer: request, engine, progress, result, placement. */
export class EditFlow {
  /** How long the last edit on each engine took, in milliseconds, to tell how long the next one will. */
  readonly durations = signal<Readonly<Record<string, number>>>({});
  readonly #options: EditFlowOptions;
  readonly #attempts = new WeakMap<EditSession, Attempt>();

  constructor(options: EditFlowOptions) {
    this.#options = options;
  }

  /** Runs what is painted and typed. Ends with a result, a problem or, when cancelled, with the mask as it was. */
  async generate(session: EditSession): Promise<void> {
    const { phase } = session;
    if (phase.peek().type === "starting" || phase.peek().type === "running") return;
    this.#leaveResult(session);
    session.problem.value = undefined;
    session.notice.value = undefined;
    const attempt: Attempt = { isCancelled: false };
    this.#attempts.set(session, attempt);
    try {
      const request = buildRequest(session, this.#options.settings);
      phase.value = { type: "starting" };
      const mask = await this.#options.pixels.encodeMask(takeSnapshot(session.mask));
      const { fileId, pageId, shapeId, name: shapeName } = session.shape.peek();
      const target = { pageId, shapeId, shapeName, ...(fileId === undefined ? {} : { fileId }) };
      const { bytes, mime } = session.source;
      await this.#runAnywhere(session, attempt, { request, image: { bytes, mime }, mask, target });
    } catch (error) {
      this.#end(session, attempt, toErrorData(error), "editing");
    }
  }

  async cancel(session: EditSession): Promise<void> {
    const attempt = this.#attempts.get(session);
    const phase = session.phase.peek();
    if (attempt === undefined || attempt.isCancelled) return;
    attempt.isCancelled = true;
    session.notice.value = undefined;
    session.phase.value = phase.type === "running" ? { ...phase, isCancelling: true } : { type: "painting" };
    // A companion that is gone cancels nothing and needs to: following its stream ends the attempt.
    await attempt.run?.cancel().catch(() => {});
  }

  /** Shows a job that ran while no panel was open, from its first event on. */
  async resume(session: EditSession, job: Job): Promise<void> {
    const attempt: Attempt = { isCancelled: false };
    this.#attempts.set(session, attempt);
    if (session.prompt.peek() === "") session.prompt.value = job.request.prompt;
    session.notice.value = "This edit was running while the panel was closed.";
    try {
      await this.#follow(session, attempt, this.#options.engines.companionEngine.attach(job.id));
    } catch (error) {
      this.#end(session, attempt, toErrorData(error), "editing");
    }
  }

  /** Cuts the result to what shows, inserts it above its source and lets the engine forget it. */
  async insert(session: EditSession): Promise<void> {
    const phase = session.phase.peek();
    if (phase.type !== "result" || phase.isPlacing) return;
    session.phase.value = { ...phase, isPlacing: true };
    session.problem.value = undefined;
    const { result, png, run } = phase;
    const { pageId, shapeId } = session.shape.peek();
    try {
      const cut = await this.#options.pixels.cutLayer(png, result.layer, session.visible.peek());
      const placed = await this.#options.sandbox.placeLayer({
        pageId,
        shapeId,
        name: layerName(result.recipe.request.prompt),
        place: "part",
        bytes: cut.png,
        mime: "image/png",
        layer: cut.layer,
        image: session.mask.size,
        recipe: result.recipe,
      });
      this.#options.sessions.rememberPlaced(placed);
      session.notice.value = undefined;
      session.phase.value = { type: "painting", placed };
      phase.layerPicture.close();
      await run.acknowledge().catch(() => {});
    } catch (error) {
      session.phase.value = { ...phase, isPlacing: false };
      this.#report(session, toErrorData(error), "placing");
    }
  }

  /** Gives the result up; mask and prompt stay. */
  discard(session: EditSession): void {
    this.#leaveResult(session);
    session.problem.value = undefined;
    session.notice.value = undefined;
  }

  #leaveResult(session: EditSession): void {
    const phase = session.phase.peek();
    if (phase.type !== "result") return;
    session.phase.value = { type: "painting" };
    session.isComparing.value = false;
    phase.layerPicture.close();
    phase.run.acknowledge().catch(() => {});
  }

  /** On the engine in charge; when the companion dies on the way, the same edit again in the browser. */
  async #runAnywhere(session: EditSession, attempt: Attempt, edit: EditInput): Promise<void> {
    const { engines } = this.#options;
    for (let restarts = 0; ; restarts++) {
      const engine = await engines.engine();
      if (attempt.isCancelled) throw cancelledError();
      try {
        const started = this.#options.now();
        const run = await engine.start(edit);
        await this.#follow(session, attempt, run);
        if (session.phase.peek().type !== "result") return;
        const key = durationKey(engine.place, edit.request.model);
        this.durations.value = { ...this.durations.peek(), [key]: this.#options.now() - started };
        return;
      } catch (error) {
        const lost = toErrorData(error);
        if (attempt.isCancelled || engine.place === "browser" || restarts > 0) throw error;
        if (lost.code === "companion-unreachable") {
          await engines.reportCompanionLost(lost);
          session.notice.value = "The companion stopped answering. This edit goes on in the browser.";
        } else if (lost.code === "not-found" && attempt.run !== undefined) {
          session.notice.value = "The companion was restarted. This edit starts again.";
        } else throw error;
        session.phase.value = { type: "starting" };
      }
    }
  }

  /** Follows a run to its end. Throws when the run failed or contact was lost. */
  async #follow(session: EditSession, attempt: Attempt, run: EditRun): Promise<void> {
    attempt.run = run;
    if (attempt.isCancelled) {
      await run.cancel().catch(() => {});
      run.acknowledge().catch(() => {});
      throw cancelledError();
    }
    session.phase.value = {
      type: "running",
      place: run.place,
      ahead: 0,
      progress: undefined,
      preview: undefined,
      isCancelling: false,
    };
    const outcome: { result?: EditResult; layer?: Promise<Uint8Array<ArrayBuffer>>; final?: EditEvent } = {};
    await run.follow((event) => {
      outcome.final = event;
      if (event.type === "result" && outcome.result === undefined) {
        outcome.result = event.result;
        // Fetched at once: the engine may be gone by the time somebody decides to insert it.
        outcome.layer = run.readLayer(event.result.variant);
        outcome.layer.catch(() => {});
      } else showProgress(session, event);
    });
    const { final, result, layer } = outcome;
    if (final?.type === "failed") {
      run.acknowledge().catch(() => {});
      throw fromErrorData(final.error);
    }
    if (final?.type === "cancelled" || attempt.isCancelled) {
      run.acknowledge().catch(() => {});
      throw cancelledError();
    }
    if (result === undefined || layer === undefined) {
      throw new OverpaintError("invalid-output", "The edit ended without a picture.", "Try again.");
    }
    const png = await layer;
    const layerPicture = await this.#options.decode(png, "image/png");
    session.phase.value = { type: "result", run, result, png, layerPicture, isPlacing: false };
  }

  #end(session: EditSession, attempt: Attempt, error: ErrorData, source: ProblemSource): void {
    // Somebody may have cancelled this attempt and begun another.
    if (this.#attempts.get(session) !== attempt) return;
    session.phase.value = { type: "painting" };
    if (!attempt.isCancelled && error.code !== "cancelled") this.#report(session, error, source);
  }

  #report(session: EditSession, error: ErrorData, source: ProblemSource): void {
    const { engines, settings } = this.#options;
    const inapplicable = new Set<Fix>();
    const isBundled = settings.model.peek() === "starter";
    if (isBundled) inapplicable.add("use-starter");
    if (engines.place.peek() === "browser") inapplicable.add("run-in-browser");
    if (engines.companion.peek().type === "up") inapplicable.add("check-companion");
    session.problem.value = describeProblem(error, source, inapplicable);
  }
}

/** Under which an edit's duration is kept. */
export function durationKey(place: string, model: string): string {
  return `${place}/${model}`;
}

function cancelledError(): OverpaintError {
  return new OverpaintError("cancelled", "The edit was cancelled.");
}

function showProgress(session: EditSession, event: EditEvent): void {
  const phase = session.phase.peek();
  if (phase.type !== "running") return;
  if (event.type === "queued") session.phase.value = { ...phase, ahead: event.ahead };
  if (event.type === "started") session.phase.value = { ...phase, ahead: 0, progress: undefined };
  if (event.type === "step") {
    const { step, steps, preview } = event;
    session.phase.value = { ...phase, ahead: 0, progress: { step, steps }, preview: preview ?? phase.preview };
  }
}
