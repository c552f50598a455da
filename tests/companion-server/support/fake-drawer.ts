import type { Artifacts } from "../../../companion-server/jobs/artifacts.ts";
import type { DrawOptions, DrawOrder, JobDrawer } from "../../../companion-server/jobs/job-drawer.ts";
import { writeWhole } from "../../../companion-server/write-whole.ts";
import { resultOf } from "./results.ts";

/** Draws nothing, at once: every variant is a file with its number in it. */
export class FakeDrawer implements JobDrawer {
  readonly capacity = 1;
  readonly outlivesCompanion = false;
  /** Variants that were drawn, as `job/variant`, in order. */
  readonly drawn: string[] = [];
  readonly #artifacts: Pick<Artifacts, "resultFile">;
  readonly #before: (order: DrawOrder, options: DrawOptions) => Promise<void>;

  /** @param before what happens before anything is drawn of an order */
  constructor(
    artifacts: Pick<Artifacts, "resultFile">,
    before: (order: DrawOrder, options: DrawOptions) => Promise<void> = async () => {},
  ) {
    this.#artifacts = artifacts;
    this.#before = before;
  }

  async requireModel(): Promise<void> {}

  async draw(order: DrawOrder, options: DrawOptions): Promise<void> {
    await this.#before(order, options);
    const { id, request, variants } = order;
    options.onEvent({ type: "begun", device: "cpu" });
    options.onEvent({ type: "started", device: "cpu", model: request.model });
    for (const variant of variants) {
      for (const step of [1, 2]) options.onEvent({ type: "step", variant, step, steps: 2 });
      await writeWhole(this.#artifacts.resultFile(id, variant), String(variant));
      this.drawn.push(`${id}/${variant}`);
      options.onEvent({ type: "result", result: resultOf(request, variant) });
    }
  }

  async close(): Promise<void> {}
}
