import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { Edit, FinishedVariant } from "../state/edit.ts";
import type { PictureScene } from "./draw-picture.ts";

/** What to draw for a finished variant: the picture with its layer, or the new picture alone. */
export function resultScene(
  { task, session }: Edit,
  { result, picture }: FinishedVariant,
): Omit<PictureScene, "view" | "size"> {
  const { layer } = result;
  if (session === undefined) {
    return { picture: undefined, visible: layer, frame: layer, overlay: { type: "layer", picture, area: layer } };
  }
  const visible = session.visible.peek();
  return {
    picture: session.source.picture,
    visible,
    frame: task === "outpaint" ? union(visible, layer) : visible,
    overlay: { type: "layer", picture, area: layer, isBeneath: task === "outpaint" },
  };
}

function union(a: PixelRect, b: PixelRect): PixelRect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}
