import type { Group, Penpot, Shape } from "@penpot/plugin-types";
import { insertionOver } from "../reading/describe-image.ts";
import { findVisibleImage } from "../reading/image-fill.ts";
import { childrenOf, indexOf, parentOf } from "../reading/tree.ts";
import { placeAbove } from "./stack-place.ts";

/**
 * Lets the layer look as its source does where that is translucent or blended: in a group with it and its results or, where
 * something lies between the two, by the same opacity and blend mode. Answers the way back.
 */
export function lookAsOne(penpot: Penpot, source: Shape, layer: Shape): () => void {
  const fill = findVisibleImage(source);
  if (fill === undefined || insertionOver(source, fill) !== "group") return () => {};
  const parent = parentOf(source);
  const isBeneath = layer.parent?.id === parent.id && indexOf(layer) + 1 === indexOf(source);
  const isAbove = layer.parent?.id === parent.id && indexOf(layer) > indexOf(source);
  if (!isBeneath && !isAbove) {
    layer.opacity = source.opacity;
    layer.blendMode = source.blendMode;
    return () => {};
  }
  const children = childrenOf(parent);
  const [lowest, highest] = isAbove ? [source, layer] : [layer, children[placeAbove(source, []).index - 1]];
  const members = children.slice(indexOf(lowest), indexOf(highest ?? source) + 1);
  return groupAsOne(penpot, source, members);
}

/**
 * Puts a translucent or blended source and the layers over it into a group that takes its opacity and blend mode over, so that
 * they are one picture before they are laid over what is beneath.
 *
 * @param members the source and what lies directly above and beneath it, from bottom to top
 */
function groupAsOne(penpot: Penpot, source: Shape, members: readonly Shape[]): () => void {
  const { opacity, blendMode, name } = source;
  const parent = parentOf(source);
  const index = Math.min(...members.map(indexOf));
  const group = penpot.group([...members]);
  if (!group) throw new Error("its group was not accepted");
  group.name = name;
  // Penpot may put a group where its highest member was.
  if (indexOf(group) !== index) parent.insertChild(index, group);
  group.opacity = opacity;
  group.blendMode = blendMode;
  source.opacity = 1;
  source.blendMode = "normal";
  return () => {
    source.opacity = opacity;
    source.blendMode = blendMode;
    dissolve(penpot, group);
  };
}

/** Nothing where somebody has done so already. */
function dissolve(penpot: Penpot, group: Group): void {
  const found = penpot.currentPage?.getShapeById(group.id);
  if (found?.type === "group") penpot.ungroup(found);
}
