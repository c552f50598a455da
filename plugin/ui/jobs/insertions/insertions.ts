import { signal } from "@preact/signals";
import { toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { Settings } from "../../app/settings.ts";
import type { EngineChoice } from "../../engines/engine-choice.ts";
import type { Draft, Placed } from "../../pictures/draft.ts";
import { type EditSession, takesMask } from "../../pictures/edit-session.ts";
import type { Sessions } from "../../pictures/sessions.ts";
import type { PixelTools } from "../../pixels/pixel-tools.ts";
import type { EditJob, InsertedAs } from "../list/edit-job.ts";
import type { JobList } from "../list/job-list.ts";
import { inputOf } from "../run/input-of.ts";
import { reportProblem } from "../run/report-problem.ts";
import { type DocumentLink, placeResult } from "./place-result.ts";

export interface InsertionsOptions {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly jobs: JobList;
  readonly sandbox: DocumentLink;
  readonly pixels: PixelTools;
}

/** An insertion that was taken back, and of which job's variants it was. */
interface Undone {
  readonly draft: Draft;
  readonly placed: Placed;
  readonly job: EditJob | undefined;
  readonly numbers: readonly number[];
}

/** Takes variants into the document, and out of it again. */
export class Insertions {
  /** True while one is on its way. */
  readonly isPlacing = signal(false);
  /** The insertion that was taken back last, until something else is inserted. */
  readonly undone = signal<Undone | undefined>(undefined);
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
      const { notice, isNewPicture, ...said } = await placeResult(placement, this.#options);
      const { shapeId } = said;
      sessions.rememberPlaced(shapeId);
      draft.notice.value = notice;
      draft.placed.value = said;
      job.isSeen.value = true;
      const number = variant.result.variant;
      markPlaced(job, number, said);
      if (isOnlyOne(job)) {
        draft.show(undefined);
        if (draft.session !== undefined && !isNewPicture) draft.showInserted({ job, number });
      }
      if (draft.session === undefined || draft.task === "create") return;
      if (takesMask(draft.task)) draft.session.spendMask();
      if (isNewPicture) await sessions.showReplaced(draft.session, draft.task, said);
      // The next edit begins from what one sees. An extension lies behind the picture and is no part of it.
      else if (draft.task !== "outpaint") await showWith(sessions, draft.session);
    } catch (error) {
      reportProblem(draft, toErrorData(error), "placing", this.#options);
    } finally {
      this.isPlacing.value = false;
    }
  }

  /** Takes the last insertion out of the document again; its result is there as before. */
  async undo(draft: Draft): Promise<void> {
    const placed = draft.placed.peek();
    if (placed?.placementId === undefined) return;
    const { placementId, shapeId } = placed;
    // The document tells of what is gone too, perhaps before the answer comes.
    const job = this.#options.jobs.all
      .peek()
      .find(({ variants }) => variants.peek().some((each) => each.placedAs === shapeId));
    const undone = job?.variants.peek().filter(({ placedAs }) => placedAs === shapeId) ?? [];
    const numbers = undone.map(({ result }) => result.variant);
    try {
      await this.#options.sandbox.undoPlacement(placementId);
      draft.clearMessages();
      for (const variant of job?.variants.peek() ?? [])
        if (numbers.includes(variant.result.variant)) job?.keep({ ...variant, placedAs: undefined });
      const shown = await this.#draftWithout(placed, draft, job);
      this.undone.value = { draft: shown, placed, job, numbers };
      if (job !== undefined) shown.show(job);
    } catch (error) {
      reportProblem(draft, toErrorData(error), "placing", this.#options);
    }
  }

  /** Puts the insertion that was taken back last into the document again. */
  async redo(): Promise<void> {
    const { draft, placed, job, numbers } = this.undone.peek() ?? {};
    if (draft === undefined || placed?.placementId === undefined) return;
    try {
      const again = await this.#options.sandbox.redoPlacement(placed.placementId);
      const { shapeId } = again;
      const said = { ...placed, shapeId, mediaId: again.mediaId };
      this.undone.value = undefined;
      const { sessions } = this.#options;
      sessions.rememberPlaced(shapeId);
      draft.placed.value = said;
      if (job !== undefined) {
        for (const number of numbers ?? []) markPlaced(job, number, said);
        if (draft.shown.peek()?.job === job && isOnlyOne(job)) draft.show(undefined);
      }
      if (draft.session?.shape.peek().shapeId === shapeId && draft.task !== "create")
        await sessions.showReplaced(draft.session, draft.task, said);
    } catch (error) {
      reportProblem(draft, toErrorData(error), "placing", this.#options);
    }
  }

  /** Where the insertion had replaced the picture itself, the draft of the old one, which is back, with the words and the mask it had. */
  async #draftWithout({ shapeId }: Placed, draft: Draft, job: EditJob | undefined): Promise<Draft> {
    const { session, task } = draft;
    if (session === undefined || task === "create" || session.shape.peek().shapeId !== shapeId) return draft;
    const { sessions, pixels } = this.#options;
    await sessions.reload(session);
    const old = sessions.current.peek();
    if (old === undefined) return draft;
    const { prompt } = old.drafts[task];
    prompt.value = job?.request.prompt ?? draft.prompt.peek();
    // What cannot be had back can be painted anew.
    const { mask } = job === undefined ? {} : await inputOf(job).catch((): { mask?: never } => ({}));
    if (mask !== undefined) old.restoreMask(await pixels.decodeMask(mask));
    return old.drafts[task];
  }
}

/** The picture with its layers; one that was opened as it once was goes on with all that it has by now. */
async function showWith(sessions: Sessions, session: EditSession): Promise<void> {
  const layers = session.layers.peek();
  await sessions.refresh(session, typeof layers === "string" ? layers : "all").catch(() => {});
}

/** A shape shows one variant: what it showed before is in the document no more. */
function markPlaced(job: EditJob, number: number, { shapeId, mediaId }: InsertedAs): void {
  for (const variant of job.variants.peek()) {
    if (variant.result.variant === number)
      job.keep({ ...variant, placedAs: shapeId, insertions: [...variant.insertions, { shapeId, mediaId }] });
    else if (variant.placedAs === shapeId) job.keep({ ...variant, placedAs: undefined });
  }
  const isComplete = job.isOver.peek() && job.missing.peek().length === 0;
  if (isComplete && job.variants.peek().every(({ placedAs }) => placedAs !== undefined)) job.acknowledge();
}

/** Whether a job brought a single result: once that is inserted there is nothing left to choose. */
export function isOnlyOne(job: EditJob): boolean {
  return job.isOver.peek() && job.variants.peek().length === 1 && job.missing.peek().length === 0;
}
