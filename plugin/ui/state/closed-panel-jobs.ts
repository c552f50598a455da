import { effect } from "@preact/signals";
import type { Job, JobId } from "../../../shared/protocol/api.ts";
import { controlParts } from "../../../shared/protocol/control.ts";
import type { KeptPart } from "../../../shared/protocol/edit-request.ts";
import type { DecodePicture } from "../canvas/picture.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { Edit } from "./edit.ts";
import type { EditFlow } from "./edit-flow.ts";
import type { EditSession } from "./edit-session.ts";
import { restoreSettings } from "./restore-settings.ts";
import type { Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import { restoredStyle, type StyleReference } from "./style-reference.ts";

export interface ClosedPanelJobsOptions {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly flow: EditFlow;
  readonly decode: DecodePicture;
}

/** Edits that ran while no panel was open, until their pictures are shown again. */
export class ClosedPanelJobs {
  readonly #options: ClosedPanelJobsOptions;
  #waiting: readonly Job[] = [];

  constructor(options: ClosedPanelJobsOptions) {
    this.#options = options;
  }

  /**
   * Shows the newest of them whose shape is on this page, in its tab and with its settings. The others are taken up when their shape is
   * selected or their tab is free; what nobody comes back for stays with the companion.
   */
  async resume(): Promise<void> {
    const { engines, sessions, settings } = this.#options;
    const jobs = await engines.companionEngine.unacknowledged().catch(() => []);
    this.#waiting = jobs.filter((job) => job.state !== "cancelled" && (isCreation(job) || job.target !== undefined));
    const newest = await this.#showNewest();
    if (newest !== undefined) restoreSettings(settings, newest);
    if (newest !== undefined) await this.#restorePictures(newest);
    effect(() => {
      const session = sessions.current.value;
      if (session !== undefined) for (const edit of Object.values(session.edits)) this.#resumeIn(edit, session);
      this.#resumeIn(sessions.creation);
    });
  }

  /** The newest job that has a place here, with its picture opened. */
  async #showNewest(): Promise<Job | undefined> {
    for (const job of this.#waiting) {
      if (isCreation(job)) return job;
      const shapeId = job.target?.shapeId ?? "";
      const session = await this.#options.sessions.openShape(shapeId).catch(() => undefined);
      if (session !== undefined) return job;
    }
    return undefined;
  }

  /** The pictures that were sent beside the request, but for those that have been chosen anew by now. */
  async #restorePictures({ id, request }: Job): Promise<void> {
    const { promptPicture, reference, controls } = this.#options.settings;
    const isRestyle = request.task === "restyle";
    if (isRestyle || request.referenceModel !== null) {
      const sent = await this.#readPicture(id, "reference");
      const chosen = isRestyle ? reference : promptPicture.picture;
      chosen.value ??= sent;
    }
    for (const [k, part] of controlParts.slice(0, request.controls.length).entries()) {
      const before = controls.choices.peek()[k];
      const picture = await this.#readPicture(id, part);
      if (picture && before === controls.choices.peek()[k])
        controls.change(k, { picture: { ...picture, name: `Picture of control ${k + 1}` } });
    }
  }

  /** Undefined where none was sent, or it is not kept any more. */
  async #readPicture(id: JobId, part: KeptPart): Promise<StyleReference | undefined> {
    const { engines, decode } = this.#options;
    const sent = await engines.companionEngine.readPart(id, part).catch(() => undefined);
    return sent && (await restoredStyle(sent, decode).catch(() => undefined));
  }

  #resumeIn(edit: Edit, session?: EditSession): void {
    if (!edit.isIdle.value) return;
    const shapeId = session?.shape.peek().shapeId;
    const job = this.#waiting.find(
      ({ request, target }) => request.task === edit.task && (session === undefined || target?.shapeId === shapeId),
    );
    if (job === undefined) return;
    this.#waiting = this.#waiting.filter((each) => each !== job);
    void this.#options.flow.resume(edit, job);
  }
}

function isCreation({ request }: Job): boolean {
  return request.task === "create";
}
