import { signal } from "@preact/signals";
import type { InpaintIntent } from "../../../shared/protocol/edit-request.ts";

/** What only inpainting can be told. `null` leaves a value to the plan. */
export class InpaintChoices {
  readonly intent = signal<InpaintIntent>("auto");
  /** 1 repaints from noise; less keeps more of what is there. */
  readonly strength = signal(1);
  /** Source pixels that the repainted area reaches beyond the mask. */
  readonly grow = signal<number | null>(null);
  /** Width in source pixels of the soft edge. */
  readonly feather = signal<number | null>(null);
}
