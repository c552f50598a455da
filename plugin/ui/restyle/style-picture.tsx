import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import { Icon } from "../controls/icon.tsx";
import { IconButton } from "../controls/icon-button.tsx";
import { PercentSlider } from "../controls/percent-slider.tsx";
import { PICTURE_FILE_TYPES } from "../controls/picture-field.tsx";
import { Thumbnail } from "../controls/thumbnail.tsx";
import { usePanel } from "../panel-context.ts";
import { decodePicture } from "../pictures/decode-picture.ts";
import type { Draft } from "../pictures/draft.ts";
import { type StyleReference, styleFromFile, styleFromShape } from "./style-reference.ts";

interface StylePictureProps {
  readonly draft: Draft;
  /** A control that stands before the button. */
  readonly children: ComponentChildren;
}

/** Another picture as style: a file, or one that is selected beside the picture. */
export function StylePicture({ draft, children }: StylePictureProps) {
  const { settings, sessions, sandbox } = usePanel();
  const file = useRef<HTMLInputElement>(null);
  const { reference, referenceStrength } = settings;
  const chosen = reference.value;
  const offers = sessions.styleOffers.value.filter(({ shapeId }) => shapeId !== chosen?.shapeId);
  const take = async (reading: Promise<StyleReference>) => {
    try {
      reference.value = await reading;
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
      <div class="row style-picture">
        {children}
        {chosen === undefined ? (
          <button
            type="button"
            data-appearance="secondary"
            title="Take the style over from another picture"
            onClick={() => file.current?.click()}
          >
            <Icon name="plus" /> Picture as style…
          </button>
        ) : (
          <>
            <button
              type="button"
              class="style-picture-name"
              aria-label={`Style of ${chosen.name}, choose another picture`}
              title={`${chosen.name}. Choose another picture`}
              onClick={() => file.current?.click()}
            >
              <Thumbnail pixels={chosen.thumbnail} />
              <span class="clipped">{chosen.name}</span>
            </button>
            <IconButton
              icon="x"
              label="Remove the style picture"
              onClick={() => {
                reference.value = undefined;
              }}
            />
          </>
        )}
        <input
          ref={file}
          type="file"
          accept={PICTURE_FILE_TYPES}
          aria-label="File of the style picture"
          hidden
          onChange={({ currentTarget }) => {
            const given = currentTarget.files?.[0];
            if (given !== undefined) void take(styleFromFile(given, decodePicture));
            // So that the same file can be chosen again.
            currentTarget.value = "";
          }}
        />
      </div>
      {chosen !== undefined && <PercentSlider label="Its style" value={referenceStrength} min={0} />}
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
