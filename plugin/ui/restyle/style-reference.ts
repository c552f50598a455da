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
