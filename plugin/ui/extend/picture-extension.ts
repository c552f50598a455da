import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import {
  type Anchor,
  type Aspect,
  anchorOf,
  extend,
  isNoSides,
  noSides,
  type Sides,
  sidesAt,
  sidesForAspect,
} from "./extension.ts";

/** How far a picture is to be extended, and where it stays in what comes of that. In pixels of the picture. */
export class PictureExtension {
  readonly sides = signal<Sides>(noSides);
  /** What shows of the picture once it is extended. */
  readonly frame;
  /** Where the picture stays in it; undefined once its borders were moved one by one. */
  readonly anchor;
  /** The place that was chosen last. */
  readonly #anchor = signal<Anchor>("center");
  readonly #visible: ReadonlySignal<PixelRect>;
  readonly #onChange: () => void;

  /** @param visible what shows of the picture now */
  constructor(visible: ReadonlySignal<PixelRect>, onChange: () => void) {
    this.#visible = visible;
    this.#onChange = onChange;
    this.frame = computed(() => extend(visible.value, this.sides.value));
    this.anchor = computed(() =>
      isNoSides(this.sides.value) ? this.#anchor.value : anchorOf(visible.value, this.sides.value),
    );
  }

  setSides(change: Partial<Sides>): void {
    const { left, right, top, bottom } = { ...this.sides.peek(), ...change };
    this.#onChange();
    this.sides.value = { left, right, top, bottom };
  }

  setAspect(aspect: Aspect): void {
    this.setSides(sidesForAspect(this.#visible.peek(), aspect, this.#anchor.peek()));
  }

  setAnchor(anchor: Anchor): void {
    this.#anchor.value = anchor;
    this.setSides(sidesAt(this.#visible.peek(), this.sides.peek(), anchor));
  }
}
