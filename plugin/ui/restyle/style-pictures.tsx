import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { referenceParts } from "../../../shared/protocol/edit-request.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import { Icon } from "../controls/icon.tsx";
import { IconButton } from "../controls/icon-button.tsx";
import { PercentSlider } from "../controls/percent-slider.tsx";
import { PICTURE_FILE_TYPES, PictureField } from "../controls/picture-field.tsx";
import { usePanel } from "../panel-context.ts";
import { addPicture, changePicture, offersBeside } from "../pictures/chosen-pictures.ts";
import { decodePicture } from "../pictures/decode-picture.ts";
import type { Draft } from "../pictures/draft.ts";
import { type StyleReference, styleFromFile, styleFromShape } from "./style-reference.ts";

interface StylePicturesProps {
  readonly draft: Draft;
  /** A control that stands before the button. */
  readonly children: ComponentChildren;
}

/** Other pictures as style: files, or pictures that are selected beside the one that is restyled. */
export function StylePictures({ draft, children }: StylePicturesProps) {
  const { settings, sessions, sandbox } = usePanel();
  const file = useRef<HTMLInputElement>(null);
  const { references, referenceStrength } = settings;
  const chosen = references.value;
  const hasRoom = chosen.length < referenceParts.length;
  const offers = hasRoom ? offersBeside(chosen, sessions.styleOffers.value) : [];
  const take = async (reading: Promise<StyleReference>) => {
    try {
      addPicture(references, await reading);
      draft.problem.value = undefined;
    } catch (error) {
      draft.problem.value = { error: toErrorData(error), fixes: [] };
    }
  };
  return (
    <>
      {offers.map((image) => (
        <StyleOffer
          key={image.shapeId}
          image={image}
          onTake={() => void take(styleFromShape(image, sandbox, decodePicture))}
        />
      ))}
      {chosen.length > 0 && (
        <div class="style-pictures">
          {chosen.map((picture, index) => (
            <PictureField
              key={index}
              label={chosen.length === 1 ? "Style picture" : `Style picture ${index + 1}`}
              empty=""
              value={picture}
              offers={[]}
              onChange={(value) => changePicture(references, index, value)}
            />
          ))}
        </div>
      )}
      <div class="row style-picture">
        {children}
        {hasRoom && (
          <button
            type="button"
            data-appearance="secondary"
            title={
              chosen.length === 0
                ? "Take the style over from another picture"
                : "Take over what several pictures have in common: the mean of their styles"
            }
            onClick={() => file.current?.click()}
          >
            <Icon name="plus" /> {chosen.length === 0 ? "Picture as style…" : "Another picture…"}
          </button>
        )}
        <input
          ref={file}
          type="file"
          multiple
          accept={PICTURE_FILE_TYPES}
          aria-label={chosen.length === 0 ? "File of the style picture" : "File of another style picture"}
          hidden
          onChange={({ currentTarget }) => {
            for (const given of currentTarget.files ?? []) void take(styleFromFile(given, decodePicture));
            // So that the same file can be chosen again.
            currentTarget.value = "";
          }}
        />
      </div>
      {chosen.length > 0 && (
        <PercentSlider label={chosen.length === 1 ? "Its style" : "Their style"} value={referenceStrength} min={0} />
      )}
    </>
  );
}

interface StyleOfferProps {
  readonly image: SelectedImage;
  readonly onTake: () => void;
}

/** A selected picture that could lend its style, or be the one that is restyled. */
function StyleOffer({ image, onTake }: StyleOfferProps) {
  const { sessions } = usePanel();
  return (
    <div class="style-offer">
      <button type="button" class="suggestion" data-appearance="secondary" onClick={onTake}>
        <span class="clipped">Take the style of “{image.name}”</span>
      </button>
      <IconButton icon="swap" label={`Restyle “${image.name}” instead`} onClick={() => void sessions.open(image)} />
    </div>
  );
}
