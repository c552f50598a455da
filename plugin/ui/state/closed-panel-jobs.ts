import { effect } from "@preact/signals";
import type { Job } from "../../../shared/protocol/api.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { EditFlow } from "./edit-flow.ts";
import type { EditSession } from "./edit-session.ts";
import type { Sessions } from "./sessions.ts";

export interface ClosedPanelJobsOptions {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly flow: EditFlow;
}

/** Edits that ran while no panel was open, until their pictures are shown again. */
export class ClosedPanelJobs {
  readonly #options: ClosedPanelJobsOptions;
  #waiting: readonly Job[] = [];

  constructor(options: ClosedPanelJobsOptions) {
    this.#options = options;
  }

  /**
   * Shows the newest of them whose shape is on this page. The others are taken up when their shape is selected; what
   * nobody comes back for stays with the companion.
   */
  async resume(): Promise<void> {
    const { engines, sessions } = this.#options;
    const jobs = await engines.companionEngine.unacknowledged().catch(() => []);
    this.#waiting = jobs.filter(({ state, target }) => target !== undefined && state !== "cancelled");
    for (const { target } of this.#waiting) {
      const session = target && (await sessions.openShape(target.shapeId).catch(() => undefined));
      if (session !== undefined) break;
    }
    effect(() => {
      const session = sessions.current.value;
      if (session?.phase.value.type === "painting") this.#resumeIn(session);
    });
  }

  #resumeIn(session: EditSession): void {
    const job = this.#waiting.find(({ target }) => target?.shapeId === session.shape.peek().shapeId);
    if (job === undefined) return;
    this.#waiting = this.#waiting.filter((each) => each !== job);
    void this.#options.flow.resume(session, job);
  }
}
