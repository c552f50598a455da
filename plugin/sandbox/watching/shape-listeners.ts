import type { Penpot } from "@penpot/plugin-types";

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
