import { effect } from "@preact/signals";
import type { Job, JobId } from "../../../../shared/protocol/api.ts";
import { controlParts } from "../../../../shared/protocol/control.ts";
import { editParts, type KeptPart, partName, referenceParts } from "../../../../shared/protocol/edit-request.ts";
import type { Settings } from "../../app/settings.ts";
import { tabOf } from "../../app/task-names.ts";
import type { EngineChoice } from "../../engines/engine-choice.ts";
import { isNoSides } from "../../extend/extension.ts";
import { type ChosenPicture, LOST, lostWords } from "../../pictures/chosen-pictures.ts";
import type { Draft } from "../../pictures/draft.ts";
import { type EditSession, takesMask } from "../../pictures/edit-session.ts";
import type { DecodePicture } from "../../pictures/picture.ts";
import type { Sessions } from "../../pictures/sessions.ts";
import type { PixelTools } from "../../pixels/pixel-tools.ts";
import { restoredStyle } from "../../restyle/style-reference.ts";
import { THUMBNAILS } from "../../thumbnails/drawn-thumbnails.ts";
import { EditJob } from "../list/edit-job.ts";
import type { JobList } from "../list/job-list.ts";
import { restoreSettings } from "../recipes/restore-settings.ts";
import type { EditFlow } from "../run/edit-flow.ts";
import { restoreDraft } from "./restore-draft.ts";

export interface ResumeJobsOptions {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly jobs: Pick<JobList, "all">;
  readonly flow: EditFlow;
  readonly pixels: PixelTools;
  readonly decode: DecodePicture;
  /** Takes a job for this panel; false where another panel that is open has it. */
  readonly claim: (id: JobId) => Promise<boolean>;
}

/** The companion's jobs that no open panel has, until their pictures are shown again. */
export class ResumeJobs {
  readonly #options: ResumeJobsOptions;
  #waiting: readonly Job[] = [];

  constructor(options: ResumeJobsOptions) {
    this.#options = options;
  }

  /** Takes them up once, when the companion is first reached: now, or much later. */
  start(): void {
    const { companion } = this.#options.engines;
    let isTrying = false;
    const end = effect(() => {
      // Every check that it answers is another chance.
      if (companion.value.type !== "up" || isTrying) return;
      isTrying = true;
      this.resume().then(
        () => end(),
        () => {
          isTrying = false;
        },
      );
    });
  }

  /**
   * Shows the newest of them whose shape is on this page, in its tab and with its settings, unless something else was begun meanwhile. The
   * others are taken up when their shape is selected or their tab is free; what nobody comes back for stays with the companion. Jobs of
   * other files are left alone. Rejects where the companion does not tell of them.
   */
  async resume(): Promise<void> {
    const { engines, sessions, settings } = this.#options;
    const jobs = await engines.companionEngine.unacknowledged();
    this.#waiting = jobs.filter(
      (job) =>
        job.state !== "cancelled" &&
        job.fileId !== THUMBNAILS &&
        (isCreation(job) || job.target !== undefined) &&
        !this.#isKnown(job),
    );
    const newest = this.#isUnused() ? await this.#showNewest() : undefined;
    if (newest !== undefined) {
      restoreSettings(settings, newest);
      await this.#restoreControls(newest);
    }
    effect(() => {
      const session = sessions.current.value;
      if (session !== undefined) for (const draft of Object.values(session.drafts)) this.#resumeIn(draft, session);
      this.#resumeIn(sessions.creation);
    });
  }

  /** Whether it is this panel's already, which began it before the companion was asked. */
  #isKnown({ id }: Job): boolean {
    return this.#options.jobs.all.peek().some((job) => job.id === id);
  }

  /** Whether nobody has begun an edit that another picture and its settings would get in the way of, or put anything into one. */
  #isUnused(): boolean {
    const { sessions, settings } = this.#options;
    const { negativePrompt, loras, controls } = settings;
    const drafts = [sessions.creation, ...Object.values(sessions.current.peek()?.drafts ?? {})];
    const isAdded = loras.peek().size > 0 || controls.choices.peek().length > 0;
    return negativePrompt.peek() === "" && !isAdded && drafts.every((draft) => isUntouched(draft));
  }

  /** The newest job that has a place here, with its picture opened. */
  async #showNewest(): Promise<Job | undefined> {
    for (const job of this.#waiting) {
      if (isCreation(job)) {
        if (this.#isOfThisFile(job, this.#options.sessions.fileId.peek())) return job;
        continue;
      }
      const shapeId = job.target?.shapeId ?? "";
      const isHere = (fileId: string | undefined) => this.#isOfThisFile(job, fileId);
      const session = await this.#options.sessions.openShape(shapeId, isHere).catch(() => undefined);
      if (session !== undefined) return job;
    }
    return undefined;
  }

  /** A job that does not say its file is one of a companion or a host that does not tell them apart. */
  #isOfThisFile({ target, fileId = target?.fileId }: Job, here: string | undefined): boolean {
    return fileId === undefined || here === undefined || fileId === here;
  }

  /** The pictures of its controls, but for those that have been chosen anew by now. */
  async #restoreControls(job: Job): Promise<void> {
    const { controls } = this.#options.settings;
    const { request } = job;
    for (const [k, part] of controlParts.slice(0, request.controls.length).entries()) {
      const before = controls.choices.peek()[k];
      const picture = await this.#readPicture(job, part, `Picture of control ${k + 1}`);
      if (picture && before === controls.choices.peek()[k]) controls.change(k, { picture });
    }
  }

  /** The references that were sent beside the request, unless others have been chosen by now. */
  async #restoreReferences(job: Job): Promise<void> {
    const { request } = job;
    if (!editParts[request.task].optional.includes("reference")) return;
    const references = this.#options.settings.referencesOf(tabOf(request.task));
    if (references.peek().length > 0) return;
    const sent: ChosenPicture[] = [];
    for (const part of referenceParts) {
      const picture = await this.#readPicture(job, part, request.task === "restyle" ? "Style picture" : partName(part));
      if (picture === undefined) break;
      sent.push(picture);
    }
    if (references.peek().length === 0) references.value = sent;
  }

  /** Undefined where none was sent, as far as that is known. */
  async #readPicture({ id, lastEvent }: Job, part: KeptPart, name: string): Promise<ChosenPicture | undefined> {
    const { engines, decode } = this.#options;
    const [result] = lastEvent.type === "done" ? lastEvent.results : [];
    try {
      return await restoredStyle(name, await engines.companionEngine.readPart(id, part), decode);
    } catch {
      return result?.recipe.inputs[part] === undefined ? undefined : LOST;
    }
  }

  #resumeIn(draft: Draft, session?: EditSession): void {
    const shape = session?.shape.peek();
    const here = shape === undefined ? this.#options.sessions.fileId.value : shape.fileId;
    const own = this.#waiting.filter(
      (job) =>
        tabOf(job.request.task) === draft.task &&
        (shape === undefined || job.target?.shapeId === shape.shapeId) &&
        this.#isOfThisFile(job, here),
    );
    if (own.length === 0) return;
    this.#waiting = this.#waiting.filter((each) => !own.includes(each));
    for (const job of own) void this.#adopt(draft, job, session);
  }

  async #adopt(draft: Draft, job: Job, session: EditSession | undefined): Promise<void> {
    const { engines, flow, settings, claim } = this.#options;
    if (!(await claim(job.id)) || this.#isKnown(job)) return;
    const { id, request, target, fileId, source: sourceSize, createdAt } = job;
    const adopted = new EditJob({ id, request, target, fileId, sourceSize, createdAt });
    const isShown = isUntouched(draft);
    if (isShown) {
      restoreDraft(draft, job, this.#options);
      // At once: an older one may have fewer pictures to wait for.
      draft.show(adopted);
    }
    const mediaId = session?.shape.peek().mediaId;
    if (target?.mediaId !== undefined && mediaId !== undefined && target.mediaId !== mediaId)
      draft.notice.value =
        "The picture was changed since this edit was begun. The result was drawn for what it showed then.";
    // Before it can be run again.
    if (isShown) {
      await this.#restoreReferences(job);
      const ofControls = settings.controls.choices.peek().map(({ picture }) => picture);
      const pictures = [...settings.referencesOf(draft.task).peek(), ...ofControls];
      const lost = pictures.filter((picture) => picture === LOST).length;
      if (lost > 0) draft.addNotice(lostWords(lost));
    }
    await flow.resume(draft, adopted, engines.companionEngine.attach(job));
  }
}

/** Whether nothing was painted, typed, extended or drawn for it. */
function isUntouched({ task, session, prompt, isIdle }: Draft): boolean {
  const isPainted = takesMask(task) && session?.hasMask.peek() === true;
  const isExtended = task === "outpaint" && session !== undefined && !isNoSides(session.extension.sides.peek());
  return isIdle.peek() && prompt.peek() === "" && !isPainted && !isExtended;
}

function isCreation({ request }: Job): boolean {
  return request.task === "create";
}
