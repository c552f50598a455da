import type { Penpot } from "@penpot/plugin-types";

/** Wait between a change of the page and a look at it: a drag, or undoing one step, changes many shapes many times. */
const SETTLE_MS = 30;
/** Where a look takes long, on pages of thousands of shapes, so many times as long passes without one. */
const REST_FACTOR = 5;

/** Calls of the answer, however many, become one of `look` a moment later. */
export function afterSettling(look: () => void): () => void {
  let isWaiting = false;
  let wait = SETTLE_MS;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      const began = Date.now();
      look();
      wait = Math.max(SETTLE_MS, REST_FACTOR * (Date.now() - began));
    }, wait);
  };
}

/** Listens to the changes of a changing set of shapes. Penpot tells of each shape by itself, a container's of its children's list only. */
export class ShapeListeners {
  readonly #penpot: Penpot;
  readonly #onChange: () => void;
  readonly #listeners = new Map<string, symbol>();

  constructor(penpot: Penpot, onChange: () => void) {
    this.#penpot = penpot;
    this.#onChange = onChange;
  }

  /** From now on these shapes and no others. */
  follow(shapeIds: ReadonlySet<string>): void {
    for (const [shapeId, listener] of this.#listeners) {
      if (shapeIds.has(shapeId)) continue;
      this.#penpot.off(listener);
      this.#listeners.delete(shapeId);
    }
    for (const shapeId of shapeIds)
      if (!this.#listeners.has(shapeId))
        this.#listeners.set(shapeId, this.#penpot.on("shapechange", this.#onChange, { shapeId }));
  }
}
