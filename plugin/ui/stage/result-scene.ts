import { uniteRects } from "../../../shared/planning/sizes/unite-rects.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { FinishedVariant } from "../jobs/list/edit-job.ts";
import type { Draft } from "../pictures/draft.ts";
import { intersect } from "../pixels/rectangles.ts";
import type { PictureScene } from "./draw-picture.ts";

/** What to draw for a finished variant: the picture with its layer, or the new picture alone. */
export function resultScene(
  { task, session }: Pick<Draft, "task" | "session">,
  { result, picture, isWhole }: FinishedVariant,
): Omit<PictureScene, "view" | "size"> {
  const { layer } = result;
  if (session === undefined) {
    const overlay = picture && ({ type: "layer", picture, area: layer } as const);
    return { picture: undefined, visible: layer, frame: layer, overlay };
  }
  const visible = session.visible.peek();
  return {
    picture: session.source.picture,
    visible,
    frame: task === "outpaint" ? uniteRects(visible, layer) : visible,
    overlay: picture && {
      type: "layer",
      picture,
      area: isWhole ? { x: 0, y: 0, ...session.mask.size } : layer,
      isBeneath: task === "outpaint",
      isInstead: isWhole,
    },
  };
}

/** Room around what was edited, as a share of its longer side: enough to see how it fits. */
const CONTEXT = 0.25;

/** The part of a frame to look at a layer in. */
export function closeUpOf(frame: PixelRect, { x, y, width, height }: PixelRect): PixelRect {
  const room = Math.ceil(Math.max(width, height) * CONTEXT);
  const around = { x: x - room, y: y - room, width: width + 2 * room, height: height + 2 * room };
  return intersect(frame, around) ?? frame;
}
