import type { Signal } from "@preact/signals";
import { referenceParts } from "../../../shared/protocol/edit-request.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import { usePanel } from "../panel-context.ts";
import { type ChosenPicture, isKept, type StyleReference } from "../restyle/style-reference.ts";
import { PictureField } from "./picture-field.tsx";

type Pictures = Signal<readonly ChosenPicture[]>;

interface PictureListProps {
  /** What each of them is, for those who do not see the fields; it is numbered. */
  readonly label: string;
  /** What stands where none is chosen yet. */
  readonly empty: string;
  readonly pictures: Pictures;
}

/** As many pictures as an edit is sent beside its own: files, or pictures that are selected beside the one that is edited. */
export function PictureList({ label, empty, pictures }: PictureListProps) {
  const { sessions } = usePanel();
  const chosen = pictures.value;
  const offers = offersBeside(chosen, sessions.styleOffers.value);
  return (
    <>
      {chosen.map((picture, index) => (
        <PictureField
          key={index}
          label={`${label} ${index + 1}`}
          empty=""
          value={picture}
          offers={[]}
          onChange={(value) => changePicture(pictures, index, value)}
        />
      ))}
      {chosen.length < referenceParts.length && (
        <PictureField
          key={chosen.length}
          label={`${label} ${chosen.length + 1}`}
          empty={chosen.length === 0 ? empty : "Another picture…"}
          value={undefined}
          offers={offers}
          onChange={(value) => value && addPicture(pictures, value)}
        />
      )}
    </>
  );
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
export function addPicture(pictures: Pictures, picture: StyleReference): void {
  const chosen = pictures.peek();
  const gap = chosen.findIndex((each) => !isKept(each));
  if (gap >= 0) changePicture(pictures, gap, picture);
  else pictures.value = [...chosen, picture].slice(0, referenceParts.length);
}

/** `undefined` removes it. */
export function changePicture(pictures: Pictures, index: number, picture: StyleReference | undefined): void {
  pictures.value = pictures.peek().toSpliced(index, 1, ...(picture ? [picture] : []));
}
