import { signal } from "@preact/signals";
import { MAX_SEED } from "../../../shared/protocol/edit-request.ts";
import { type ModelId, modelIdSchema } from "../../../shared/protocol/model-facts.ts";

/** A random seed from 0 to MAX_SEED. */
export type DrawSeed = () => number;

export type MaskTool = "brush" | "eraser";

/** What stays the same from edit to edit, whichever picture it is. `null` leaves a value to the model. */
export class Settings {
  readonly seed;
  /** The same seed for every edit, to see what a change of words does. */
  readonly isSeedLocked = signal(false);
  readonly steps = signal<number | null>(null);
  readonly guidanceScale = signal<number | null>(null);
  readonly model = signal<ModelId>(modelIdSchema.parse("starter"));
  readonly tool = signal<MaskTool>("brush");

  readonly #drawSeed: DrawSeed;

  constructor(drawSeed: DrawSeed) {
    this.#drawSeed = drawSeed;
    this.seed = signal(drawSeed());
  }

  /** A seed somebody typed is meant to stay. Anything that is no seed is ignored. */
  setSeed(seed: number): void {
    if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) return;
    this.seed.value = seed;
    this.isSeedLocked.value = true;
  }

  /** The seed of the next edit: another one each time, unless it is locked. */
  takeSeed(): number {
    if (!this.isSeedLocked.value) this.seed.value = this.#drawSeed();
    return this.seed.value;
  }
}
