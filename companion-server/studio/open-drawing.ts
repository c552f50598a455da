import type { DrawEvent, DrawOptions, DrawOrder } from "../jobs/job-drawer.ts";

/** An order that is not over, as the companion that placed it sees it. */
export class OpenDrawing {
  readonly order: DrawOrder;
  /** Variants that were not told yet. */
  readonly missing: Set<number>;
  readonly over: Promise<void>;
  /** Since when nobody can draw it, by a clock that never jumps; undefined while somebody can. */
  waitsSince: number | undefined;
  /** Whether its worker has said that it ended. */
  hasEnded = false;
  readonly #onEvent: DrawOptions["onEvent"];
  #isBegun = false;
  #isOver = false;
  #resolve = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(order: DrawOrder, onEvent: DrawOptions["onEvent"]) {
    this.order = order;
    this.missing = new Set(order.variants);
    this.#onEvent = onEvent;
    this.over = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a worker has begun it. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Passes on what is new. An event that cannot be recorded ends the drawing. */
  tell(event: DrawEvent): void {
    if (this.#isOver) return;
    if (event.type === "step" && !(this.#isBegun && this.missing.has(event.variant))) return;
    if (event.type === "result" && !this.missing.has(event.result.variant)) return;
    if (event.type === "begun") this.#isBegun = true;
    try {
      this.#onEvent(event);
    } catch (error) {
      this.fail(error);
    }
    if (event.type === "result") this.missing.delete(event.result.variant);
  }

  succeed(): void {
    this.#isOver = true;
    this.#resolve();
  }

  fail(error: unknown): void {
    this.#isOver = true;
    this.#reject(error);
  }
}
