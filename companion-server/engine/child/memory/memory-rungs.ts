import type { DeviceMemory } from "../../../../shared/planning/plans/memory-ladder.ts";
import type { Plan } from "../../../../shared/protocol/plans/plan.ts";

/** Of what drawing took when memory ran out, the share that the next plan may take: rungs are a half to three quarters apart, each an attempt. */
const NEXT_SHARE = 0.5;

/**
 * What an edit is planned for on one device, from one failure for want of memory to the next: planning gives up what shows least first
 * (see `planEdit`). The recipe has the plan that ran.
 */
export class MemoryRungs {
  #memory: DeviceMemory;
  #plan: string | undefined;
  #bytes = 0;
  #failure: unknown;

  /** @param memory what the device has, by estimate */
  constructor(memory: DeviceMemory) {
    this.#memory = memory;
  }

  /** What to plan for. */
  get memory(): DeviceMemory {
    return this.#memory;
  }

  /** Whether the device ran out of memory before. */
  get isLower(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * The plan that is run now. Throws the failure that led to it where nothing in it is less.
   *
   * @param bytes that it takes beside the model, as estimated
   */
  step(plan: Plan, bytes: number): void {
    const text = JSON.stringify(plan);
    if (this.#failure !== undefined && text === this.#plan) throw this.#failure;
    this.#plan = text;
    this.#bytes = bytes;
  }

  /** The plan ran out of memory: the estimate was too low. */
  descend(failure: unknown): void {
    this.#failure = failure;
    const { drawing = Number.POSITIVE_INFINITY } = this.#memory;
    this.#memory = { ...this.#memory, drawing: Math.min(drawing, this.#bytes) * NEXT_SHARE };
  }
}
