import { extensionForAspect } from "../../../shared/planning/extension/extension-for-aspect.ts";
import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { BoardFilling, BoardSummary } from "../sandbox-link/sandbox-link.ts";
import { type Aspect, extend, isNoSides, type Sides } from "./extension.ts";

/** A board that is to be filled with an extension of the picture. */
export interface BoardPlan {
  readonly key: string;
  readonly name: string;
  /** How far the picture is extended for it. */
  readonly sides: Sides;
  /** What the board shows, in pixels of the picture. */
  readonly frame: PixelRect;
  readonly board: BoardFilling["board"];
  /** Why it cannot be filled so. */
  readonly reason: string | undefined;
}

type Source = Pick<EditSession, "visible" | "shape" | "extension">;

export function newBoardPlan(source: Source, aspect: Aspect): BoardPlan {
  const [width, height] = aspect.split(":").map(Number) as [number, number]; // every aspect has two
  const { sides, frame, reason } = fitTo(source, { width, height });
  const shape = source.shape.value;
  /** Page units a pixel. */
  const scale = shape.width / source.visible.value.width;
  const board = {
    type: "new" as const,
    name: `${shape.name} ${aspect}`,
    width: frame.width * scale,
    height: frame.height * scale,
    beside: shape.board?.shapeId ?? shape.shapeId,
  };
  return { key: aspect, name: `New board ${aspect}`, sides, frame, board, reason };
}

export function existingBoardPlan(source: Source, { shapeId, name, width, height }: BoardSummary): BoardPlan {
  const board = { type: "existing" as const, shapeId };
  return { key: shapeId, name: `Board “${name}”`, board, ...fitTo(source, { width, height }) };
}

function fitTo({ visible, extension }: Source, proportions: PixelSize) {
  const sides = extensionForAspect(visible.value, proportions, extension.anchor.value ?? "center");
  const frame = extend(visible.value, sides);
  return { sides, frame, reason: isNoSides(sides) ? "The picture has this format already." : undefined };
}
