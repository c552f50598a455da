import type { Penpot, Shape } from "@penpot/plugin-types";
import type { PanelMessage, Watched } from "../../../shared/protocol/plugin/messages.ts";
import { describeImage } from "../reading/describe-image.ts";
import { visibleImageFill } from "../reading/image-fill.ts";
import { maskVersion } from "../reading/read-mask.ts";
import { resultsOver } from "../reading/source-layers.ts";
import { afterSettling, ShapeListeners } from "./shape-listeners.ts";

type Watch = Extract<PanelMessage, { type: "watch" }>["watches"][number];

export interface ShapesWatch {
  /** Reports the state of all of these now, and from now on of those that change; of earlier ones no more. */
  readonly set: (watches: readonly Watch[]) => void;
}

/**
 * Tells what has become of sources, masks and insertions: changed, undone, redone, deleted. A shape that is gone has nothing
 * to listen to, so its last parent is followed in its place.
 */
export function watchShapes(penpot: Penpot, report: (watched: readonly Watched[]) => void): ShapesWatch {
  let watches: readonly Watch[] = [];
  let last = new Map<string, string>();
  const parents = new Map<string, string>();

  const look = () => {
    listeners.follow(followed(penpot, watches, parents));
    const states = watches.map((watch) => describeWatched(penpot, watch));
    const changed = states.filter((state) => last.get(state.key) !== JSON.stringify(state));
    last = new Map(states.map((state) => [state.key, JSON.stringify(state)]));
    if (changed.length > 0) report(changed);
  };
  const lookSoon = afterSettling(() => watches.length > 0 && look());
  const listeners = new ShapeListeners(penpot, lookSoon);
  penpot.on("pagechange", lookSoon);

  return {
    set: (wanted) => {
      watches = wanted;
      last = new Map();
      look();
    },
  };
}

function followed(penpot: Penpot, watches: readonly Watch[], parents: Map<string, string>): Set<string> {
  const ids = new Set<string>();
  const add = (shapeId: string) => {
    const shape = penpot.currentPage?.getShapeById(shapeId);
    if (shape?.parent) parents.set(shapeId, shape.parent.id);
    const parent = parents.get(shapeId);
    if (parent !== undefined) ids.add(parent);
    if (shape) ids.add(shapeId);
    return shape;
  };
  for (const { shapeId, maskShapeIds } of watches) {
    const shape = add(shapeId);
    if (shape) for (const layer of resultsOver(shape)) ids.add(layer.id);
    for (const id of maskShapeIds) for (const inner of withChildren(add(id))) ids.add(inner.id);
  }
  return ids;
}

function withChildren(shape: Shape | null | undefined): Shape[] {
  if (!shape) return [];
  return "children" in shape ? [shape, ...shape.children.flatMap(withChildren)] : [shape];
}

function describeWatched(penpot: Penpot, { key, shapeId, maskShapeIds, maskBy: by = "outline" }: Watch): Watched {
  const shape = penpot.currentPage?.getShapeById(shapeId);
  if (!shape) return { key, exists: false };
  const mediaId = visibleImageFill(shape)?.id;
  const version = orUndefined(() => describeImage(penpot, shape).version);
  const mask =
    maskShapeIds.length === 0
      ? undefined
      : orUndefined(() => maskVersion(penpot, { shapeId, shapeIds: maskShapeIds, by }));
  return {
    key,
    exists: true,
    ...(mediaId !== undefined && { mediaId }),
    ...(version !== undefined && { version }),
    ...(mask !== undefined && { maskVersion: mask }),
  };
}

/** What cannot be described any more has no version. */
function orUndefined<T>(describe: () => T): T | undefined {
  try {
    return describe();
  } catch {
    return undefined;
  }
}
