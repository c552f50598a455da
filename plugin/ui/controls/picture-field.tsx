import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import { usePanel } from "../panel-context.ts";
import { type ChosenPicture, isKept } from "../pictures/chosen-pictures.ts";
import { decodePicture } from "../pictures/decode-picture.ts";
import { type StyleReference, styleFromFile, styleFromShape } from "../restyle/style-reference.ts";
import { IconButton } from "./icon-button.tsx";
import { Thumbnail } from "./thumbnail.tsx";

/** What both engines read. */
export const PICTURE_FILE_TYPES = "image/png,image/jpeg,image/webp,image/gif";

interface PictureFieldProps {
  /** What the picture is, for those who do not see the field. */
  readonly label: string;
  /** What stands there while no picture is chosen. */
  readonly empty: string;
  readonly value: ChosenPicture | undefined;
  /** Selected pictures that could be taken. Default: all but the chosen one. */
  readonly offers?: readonly SelectedImage[];
  readonly onChange: (value: StyleReference | undefined) => void;
}

/** A picture from a file, or one that is selected beside the picture. */
export function PictureField({ label, empty, value, offers: given, onChange }: PictureFieldProps) {
  const { sessions, sandbox } = usePanel();
  const file = useRef<HTMLInputElement>(null);
  const failure = useSignal<string | undefined>(undefined);
  const picture = value !== undefined && isKept(value) ? value : undefined;
  const name = picture?.name ?? (value === undefined ? empty : "Not kept any more");
  const offers = given ?? sessions.styleOffers.value.filter(({ shapeId }) => shapeId !== picture?.shapeId);
  const take = async (reading: Promise<StyleReference>) => {
    try {
      onChange(await reading);
      failure.value = undefined;
    } catch (error) {
      failure.value = toErrorData(error).message;
    }
  };
  return (
    <>
      <div class="row picture-field">
        <button
          type="button"
          class="style-picture-name"
          aria-label={`${label}: ${name}. Choose a file`}
          title={`${name}. Choose a file`}
          onClick={() => file.current?.click()}
        >
          {picture && <Thumbnail pixels={picture.thumbnail} />}
          <span class="clipped">{name}</span>
        </button>
        {value && <IconButton icon="x" label={`Remove the ${lowered(label)}`} onClick={() => onChange(undefined)} />}
        <input
          ref={file}
          type="file"
          accept={PICTURE_FILE_TYPES}
          aria-label={`File of the ${lowered(label)}`}
          hidden
          onChange={({ currentTarget }) => {
            const given = currentTarget.files?.[0];
            if (given !== undefined) void take(styleFromFile(given, decodePicture));
            // So that the same file can be chosen again.
            currentTarget.value = "";
          }}
        />
      </div>
      {offers.map((image) => (
        <button
          key={image.shapeId}
          type="button"
          class="suggestion"
          data-appearance="secondary"
          onClick={() => void take(styleFromShape(image, sandbox, decodePicture))}
        >
          <span class="clipped">Use “{image.name}”</span>
        </button>
      ))}
      {failure.value !== undefined && (
        <p class="field-error" role="alert">
          {failure.value}
        </p>
      )}
    </>
  );
}

function lowered(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1);
}
