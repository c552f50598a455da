import { referenceParts } from "../../../shared/protocol/edit-request.ts";
import { usePanel } from "../panel-context.ts";
import { addPicture, type ChosenPictures, changePicture, offersBeside } from "../pictures/chosen-pictures.ts";
import { PictureField } from "./picture-field.tsx";

interface PictureListProps {
  /** What each of them is, for those who do not see the fields; it is numbered. */
  readonly label: string;
  /** What stands where none is chosen yet. */
  readonly empty: string;
  readonly pictures: ChosenPictures;
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
