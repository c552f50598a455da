import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import type { DecodePicture, Picture } from "../pictures/picture.ts";
import type { SandboxLink } from "../sandbox-link/sandbox-link.ts";

/** A picture as style. */
export interface StyleReference {
  /** Of its file or shape. */
  readonly name: string;
  /** Absent for a file. */
  readonly shapeId?: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mime: string;
  readonly thumbnail: Picture["thumbnail"];
}

/** In the place of a picture that an edit was drawn with and that nobody keeps, until it is chosen once more or removed. */
export const LOST = "lost";
export type ChosenPicture = StyleReference | typeof LOST;

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

/** Throws `unreadable-image` or `image-too-large`. */
export async function styleFromFile(file: File, decode: DecodePicture): Promise<StyleReference> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return await styleOf({ name: file.name, bytes, mime: file.type }, decode);
}

/** The picture of another shape. Throws as `readPicture` does, and `unreadable-image` or `image-too-large`. */
export async function styleFromShape(
  { shapeId, name }: Pick<SelectedImage, "shapeId" | "name">,
  sandbox: Pick<SandboxLink, "readPicture">,
  decode: DecodePicture,
): Promise<StyleReference> {
  const { bytes, mime } = await sandbox.readPicture(shapeId);
  return await styleOf({ name, shapeId, bytes: new Uint8Array(bytes), mime }, decode);
}

/** A picture of an edit that ran while the panel was closed: its own name and kind are not kept. Throws as `decode` does. */
export async function restoredStyle(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  decode: DecodePicture,
): Promise<StyleReference> {
  return await styleOf({ name, bytes, mime: "" }, decode);
}

/** Only a small copy of its pixels is kept: the engine decodes the file for itself. */
async function styleOf(file: Omit<StyleReference, "thumbnail">, decode: DecodePicture): Promise<StyleReference> {
  const picture = await decode(file.bytes, file.mime);
  const { thumbnail } = picture;
  picture.close();
  return { ...file, thumbnail };
}
