import type { Group, Penpot, Shape } from "@penpot/plugin-types";
import { indexOf, parentOf } from "../reading/tree.ts";

/** A group that looks as one picture did, and the way back. */
export interface LookGroup {
  readonly ungroup: () => void;
}

/**
 * Puts a translucent or blended source and the layers over it into a group that takes its opacity and blend mode over, so that
 * they are one picture before they are laid over what is beneath.
 *
 * @param members the source and what lies directly above it, from bottom to top
 */
export function groupAsOne(penpot: Penpot, source: Shape, members: readonly Shape[]): LookGroup {
  const { opacity, blendMode, name } = source;
  const parent = parentOf(source);
  const index = indexOf(source);
  const group = penpot.group([...members]);
  if (!group) throw new Error("its group was not accepted");
  group.name = name;
  // Penpot may put a group where its highest member was.
  if (indexOf(group) !== index) parent.insertChild(index, group);
  group.opacity = opacity;
  group.blendMode = blendMode;
  source.opacity = 1;
  source.blendMode = "normal";
  return {
    ungroup: () => {
      source.opacity = opacity;
      source.blendMode = blendMode;
      dissolve(penpot, group);
    },
  };
}

/** Nothing where somebody has done so already. */
function dissolve(penpot: Penpot, group: Group): void {
  const found = penpot.currentPage?.getShapeById(group.id);
  if (found?.type === "group") penpot.ungroup(found);
}
