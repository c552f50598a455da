import type { Board, Shape } from "@penpot/plugin-types";
import type { BoxRect } from "../geometry/image-mapping.ts";

/**
 * Makes the board large enough to show the area (page units); what stands on it stays where it is. Answers the way back,
 * undefined where it was large enough. Throws `Error` for a turned board.
 */
export function growBoard(board: Board, area: BoxRect): (() => void) | undefined {
  const before = { x: board.x, y: board.y, width: board.width, height: board.height };
  const x = Math.min(before.x, area.x);
  const y = Math.min(before.y, area.y);
  const after = {
    x,
    y,
    width: Math.max(before.x + before.width, area.x + area.width) - x,
    height: Math.max(before.y + before.height, area.y + area.height) - y,
  };
  if (after.width === before.width && after.height === before.height) return undefined;
  if (board.rotation !== 0) throw new Error(`“${board.name}” is turned, and cannot grow to one side`);
  reshape(board, after);
  return () => reshape(board, before);
}

/** A board takes its children along when it moves, and to its constraints when it is resized. */
function reshape(board: Board, { x, y, width, height }: BoxRect): void {
  const places = board.children.map((child: Shape) => ({ child, x: child.x, y: child.y }));
  board.resize(width, height);
  board.x = x;
  board.y = y;
  for (const place of places) {
    if (place.child.x !== place.x) place.child.x = place.x;
    if (place.child.y !== place.y) place.child.y = place.y;
  }
}
