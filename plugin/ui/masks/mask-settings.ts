import { signal } from "@preact/signals";
import type { ToolId } from "../stage/tools/stage-tool.ts";
import type { PatchMode } from "./apply-patch.ts";

/** How masks are drawn, whichever picture it is. */
export class MaskSettings {
  readonly tool = signal<ToolId>("brush");
  /** Share of the brush that covers in full, 0 to 1. */
  readonly hardness = signal(1);
  /** How much a stroke covers, above 0 to 1. */
  readonly opacity = signal(1);
  /** What tools other than the eraser do; Alt turns it round. */
  readonly mode = signal<Exclude<PatchMode, "replace">>("add");
  /** How far colours may differ for the fill by colour, 0 to 255. */
  readonly tolerance = signal(24);
  /** Pixels of the picture that one press of Grow, Shrink or Feather moves the edge. */
  readonly step = signal(8);
}
