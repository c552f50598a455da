import { uniteRects } from "../../../shared/planning/sizes/unite-rects.ts";
import type { Edit, FinishedVariant } from "../pictures/edit.ts";
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
    frame: task === "outpaint" ? uniteRects(visible, layer) : visible,
    overlay: { type: "layer", picture, area: layer, isBeneath: task === "outpaint" },
  };
}
