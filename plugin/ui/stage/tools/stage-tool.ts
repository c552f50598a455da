import type { Signal } from "@preact/signals";
import type { IconName } from "../../controls/icon.tsx";
import type { MaskSettings } from "../../masks/mask-settings.ts";
import type { Point } from "../../masks/mask-stroke.ts";
import type { MaskPatch } from "../../masks/shapes/draw-region.ts";
import type { EditSession } from "../../pictures/edit-session.ts";
import type { PixelTools } from "../../pixels/pixel-tools.ts";

export const toolIds = ["pan", "brush", "eraser", "lasso", "rectangle", "ellipse", "colour", "object"] as const;
export type ToolId = (typeof toolIds)[number];

/** Where the pointer is, and the keys held with it. */
export interface ToolPoint extends Point {
  /** Turns adding into subtracting, and back. */
  readonly isAlt: boolean;
  /** Draws straight or even. */
  readonly isShift: boolean;
}

/** What a tool works on. Points are pixels of the picture. */
export interface ToolContext {
  readonly session: EditSession;
  readonly mask: MaskSettings;
  readonly pixels: PixelTools;
  /** The thing at a point of the picture. */
  readonly findObject: (point: Point) => Promise<MaskPatch>;
  /** What is being drawn but is not in the mask yet; the stage shows it as a dashed line. */
  readonly outline: Signal<readonly Point[] | undefined>;
  /** Tells of work that goes on after the click. */
  readonly onWork: (work: Promise<void>) => void;
}

/** One press of the pointer, from its beginning to its end. Moves come once a frame, with every point since the last. */
export interface ToolDrag {
  move(points: readonly ToolPoint[]): void;
  end(isKept: boolean): void;
}

/** A tool of the stage: what it is called, its key, how the pointer looks, and what a drag does. */
export interface StageTool {
  readonly id: ToolId;
  readonly name: string;
  readonly icon: IconName;
  /** As `aria-keyshortcuts` writes it. */
  readonly key: string;
  /** CSS; "none" where the tool draws its own. */
  readonly cursor: string;
  /** What it does, for the tooltip. */
  readonly hint: string;
  /** Absent where dragging moves the view. */
  readonly begin?: (context: ToolContext, at: ToolPoint) => ToolDrag;
}
