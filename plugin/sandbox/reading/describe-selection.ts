import type { Penpot, Shape } from "@penpot/plugin-types";
import type { ErrorCode } from "../../../shared/protocol/error-data.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { SelectedImage, SelectedShape, Selection } from "../../../shared/protocol/plugin/selection.ts";
import { overlaps } from "../geometry/boxes.ts";
import { describeImage } from "./describe-image.ts";
import { describeTarget } from "./picture-target.ts";
import { childrenOf, indexOf, parentOf } from "./tree.ts";

/** Pictures that are offered where none is selected: more is a list to search, not a help. */
const MAX_OFFERS = 5;
/** Of a larger selection only so many are looked at: the whole page may be selected, again and again. */
const MAX_DESCRIBED = 100;
/** Shapes that are searched for pictures to offer. */
const MAX_SEARCHED = 500;

/**
 * What the panel is told about the selection: the one image in it with the shapes beside it, a pair of images, or why there
 * is neither, what to do, and which pictures may be meant.
 */
export function describeSelection(penpot: Penpot): Selection {
  const selected = penpot.selection;
  const described = selected.slice(0, MAX_DESCRIBED).map((shape) => ({ shape, ...tryDescribe(penpot, shape) }));
  const images = described.flatMap(({ image }) => image ?? []);
  const shapes = described.flatMap(({ shape, image }) => (image === undefined ? describeShape(shape) : []));
  const [first, second] = images;
  const [only] = selected.length === 1 ? described : [];
  const target = only && describeTarget(penpot, only.shape);
  const where = target && { target };
  if (first && second === undefined) return { type: "image", image: first, shapes, ...where };
  if (first && second && selected.length === 2) return { type: "pair", images: [first, second] };

  const none = (code: ErrorCode, message: string, remedy: string) =>
    ({ type: "none", error: { code, message, remedy }, shapes, pictures: picturesNear(penpot, selected) }) as const;
  if (selected.length === 0) return none("no-selection", "Nothing is selected.", "Select an image in the canvas.");
  if (only?.error !== undefined)
    return { type: "none", error: only.error, shapes, pictures: picturesNear(penpot, selected), ...where };
  return none(
    "several-selected",
    `${selected.length} layers are selected.`,
    "Select only the image to edit, or it and a second one as its style.",
  );
}

function tryDescribe(penpot: Penpot, shape: Shape) {
  try {
    return { image: describeImage(penpot, shape) };
  } catch (error) {
    return { error: toErrorData(error) };
  }
}

function describeShape({ id, name, type }: Shape): SelectedShape {
  return { shapeId: id, name, type };
}

/** Pictures inside what is selected, else those beneath it in the same parent, from top to bottom. */
function picturesNear(penpot: Penpot, selected: readonly Shape[]): SelectedImage[] {
  const describe = (shapes: Iterable<Shape>) => {
    const found: SelectedImage[] = [];
    let looked = 0;
    for (const shape of shapes) {
      looked += 1;
      if (looked > MAX_SEARCHED) break;
      const { image } = shape.hidden ? {} : tryDescribe(penpot, shape);
      if (image !== undefined) found.push(image);
      if (found.length === MAX_OFFERS) break;
    }
    return found;
  };
  const inside = describe(shapesInside(selected));
  if (inside.length > 0) return inside;
  const [first] = selected;
  if (first === undefined || !first.parent) return [];
  const beneath = childrenOf(parentOf(first)).slice(0, indexOf(first)).toReversed();
  return describe(beneath.filter((shape) => selected.every(({ bounds }) => overlaps(shape.bounds, bounds))));
}

/** Everything that containers hold, from top to bottom. */
function* shapesInside(shapes: readonly Shape[]): Generator<Shape> {
  for (const shape of shapes) {
    if (!("children" in shape)) continue;
    for (const child of childrenOf(shape).toReversed()) {
      yield* shapesInside([child]);
      yield child;
    }
  }
}
