import { signal } from "@preact/signals";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { Settings } from "../app/settings.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { Draft, Placed } from "../pictures/draft.ts";
import type { Sessions } from "../pictures/sessions.ts";
import type { PixelTools } from "../pixels/pixel-tools.ts";
import type { JobList } from "./job-list.ts";
import { type DocumentLink, placeResult } from "./place-result.ts";
import { reportProblem } from "./report-problem.ts";

export interface InsertionsOptions {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly jobs: JobList;
  readonly sandbox: DocumentLink;
  readonly pixels: PixelTools;
}

/** Takes variants into the document, and out of it again. */
export class Insertions {
  /** True while one is on its way. */
  readonly isPlacing = signal(false);
  /** The insertion that was taken back last, until something else is inserted. */
  readonly undone = signal<{ readonly draft: Draft; readonly placed: Placed } | undefined>(undefined);
  readonly #options: InsertionsOptions;

  constructor(options: InsertionsOptions) {
    this.#options = options;
  }

  /** Brings the chosen variant into the document. The only one of its job gives the stage back to the draft. */
  async insert(draft: Draft, { anyway = false } = {}): Promise<void> {
    const job = draft.shown.peek()?.job;
    const variant = draft.chosen.peek();
    if (job === undefined || variant === undefined || this.isPlacing.peek()) return;
    this.isPlacing.value = true;
    this.undone.value = undefined;
    draft.problem.value = undefined;
    const { sessions, settings } = this.#options;
    const replacesFill = draft.task === "upscale" && settings.replacesFill.peek();
    try {
      const placement = {
        draft,
        variant,
        job,
        replacesFill,
        stacks: settings.stacks.peek(),
        growsBoard: settings.growsBoard.peek(),
        anyway,
      };
      const { shapeId, placementId, words, notice, isNewPicture } = await placeResult(placement, this.#options);
      sessions.rememberPlaced(shapeId);
      draft.notice.value = notice;
      draft.placed.value = { shapeId, words, ...(placementId !== undefined && { placementId }) };
      job.isSeen.value = true;
      // What is decoded by now, which may have changed while it was uploaded.
      const placed = { ...(job.variant(variant.result.variant) ?? variant), placedAs: shapeId };
      job.keep(placed);
      if (job.isOver.peek() && job.variants.peek().every(({ placedAs }) => placedAs !== undefined)) job.acknowledge();
      if (job.isOver.peek() && job.variants.peek().length === 1) {
        draft.show(undefined);
        draft.inserted.value = draft.session !== undefined && !isNewPicture ? placed : undefined;
      }
      if (draft.session === undefined || draft.task === "create") return;
      if (draft.task === "inpaint") draft.session.spendMask();
      if (isNewPicture) await sessions.showReplaced(draft.session, draft.task, words);
      // The next edit begins from what one sees. An extension lies behind the picture and is no part of it.
      else if (draft.task !== "outpaint") await sessions.refresh(draft.session).catch(() => {});
    } catch (error) {
      reportProblem(draft, toErrorData(error), "placing", this.#options);
    } finally {
      this.isPlacing.value = false;
    }
  }

  /** Takes the last insertion out of the document again; its result is there as before. */
  async undo(draft: Draft): Promise<void> {
    const { placementId, shapeId } = draft.placed.peek() ?? {};
    if (placementId === undefined) return;
    try {
      await this.#options.sandbox.undoPlacement(placementId);
      const placed = draft.placed.peek();
      draft.clearMessages();
      this.undone.value = placed && { draft, placed };
      const job = this.#options.jobs.all
        .peek()
        .find(({ variants }) => variants.peek().some((each) => each.placedAs === shapeId));
      for (const variant of job?.variants.peek() ?? [])
        if (variant.placedAs === shapeId) job?.keep({ ...variant, placedAs: undefined });
      if (job !== undefined) draft.show(job);
    } catch (error) {
      reportProblem(draft, toErrorData(error), "placing", this.#options);
    }
  }

  /** Puts the insertion that was taken back last into the document again. */
  async redo(): Promise<void> {
    const { draft, placed } = this.undone.peek() ?? {};
    if (draft === undefined || placed?.placementId === undefined) return;
    try {
      const { shapeId } = await this.#options.sandbox.redoPlacement(placed.placementId);
      this.undone.value = undefined;
      draft.placed.value = { ...placed, shapeId };
    } catch (error) {
      reportProblem(draft, toErrorData(error), "placing", this.#options);
    }
  }
}
