import { effect } from "@preact/signals";
import type { Job, JobId } from "../../../shared/protocol/api.ts";
import type { Settings } from "../app/settings.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { Edit } from "../pictures/edit.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { DecodePicture } from "../pictures/picture.ts";
import type { Sessions } from "../pictures/sessions.ts";
import { restoredStyle } from "../restyle/style-reference.ts";
import type { EditFlow } from "./edit-flow.ts";
import { restoreSettings } from "./restore-settings.ts";

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
    if (newest?.request.task === "restyle") await this.#restoreReference(newest.id);
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

  /** The style picture of a restyle, unless it had none or another one has been chosen by now. */
  async #restoreReference(id: JobId): Promise<void> {
    const { engines, settings, decode } = this.#options;
    const sent = await engines.companionEngine.readPart(id, "reference").catch(() => undefined);
    const style = sent && (await restoredStyle(sent, decode).catch(() => undefined));
    settings.reference.value ??= style;
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
