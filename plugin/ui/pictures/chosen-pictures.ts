import type { Signal } from "@preact/signals";
import { referenceParts } from "../../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import type { StyleReference } from "../restyle/style-reference.ts";

/** In the place of a picture that an edit was drawn with and that nobody keeps, until it is chosen once more or removed. */
export const LOST = "lost";
export type ChosenPicture = StyleReference | typeof LOST;
export type ChosenPictures = Signal<readonly ChosenPicture[]>;

export function isKept(picture: ChosenPicture): picture is StyleReference {
  return picture !== LOST;
}

/** Throws OverpaintError `invalid-request` where one is lost: nothing is drawn without it unasked. */
export function requireKept(pictures: readonly ChosenPicture[]): readonly StyleReference[] {
  const kept = pictures.filter(isKept);
  if (kept.length === pictures.length) return kept;
  throw new OverpaintError(
    "invalid-request",
    "A reference picture that this was drawn with is not kept.",
    "Choose it once more, or remove it.",
  );
}

/** What is to be said where so many pictures of an earlier edit are lost. */
export function lostWords(lost: number): string {
  return lost === 1
    ? "A reference picture that this was drawn with is not kept: choose it once more, or remove it."
    : `${lost} reference pictures that this was drawn with are not kept: choose them once more, or remove them.`;
}

/** Those that are not chosen already. */
export function offersBeside(
  chosen: readonly ChosenPicture[],
  offers: readonly SelectedImage[],
): readonly SelectedImage[] {
  const shapes = chosen.filter(isKept).map(({ shapeId }) => shapeId);
  return offers.filter(({ shapeId }) => !shapes.includes(shapeId));
}

/** Puts a picture in the place of the first that is lost, or behind the others. Ignores one more than can be sent. */
export function addPicture(pictures: ChosenPictures, picture: StyleReference): void {
  const chosen = pictures.peek();
  const gap = chosen.findIndex((each) => !isKept(each));
  if (gap >= 0) changePicture(pictures, gap, picture);
  else pictures.value = [...chosen, picture].slice(0, referenceParts.length);
}

/** `undefined` removes it. */
export function changePicture(pictures: ChosenPictures, index: number, picture: StyleReference | undefined): void {
  pictures.value = pictures.peek().toSpliced(index, 1, ...(picture ? [picture] : []));
}
