import { MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE, PENPOT_MAX_MEDIA_BYTES } from "../../../shared/protocol/limits.ts";
import { type ImageMime, readImageHeader } from "./image-header.ts";
import { MediaRejection } from "./media-rejection.ts";

export type MediaId = string & { readonly __brand: "MediaId" };

export interface Media {
  readonly id: MediaId;
  readonly name: string;
  readonly mime: ImageMime;
  readonly width: number;
  readonly height: number;
  /** The file as it was uploaded. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const acceptedMimes: readonly string[] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/** The pictures of a file. Like Penpot's media they are never undone: a fill that comes back finds its picture. */
export class MediaStore {
  readonly #media = new Map<MediaId, Media>();

  get(id: MediaId): Media | undefined {
    return this.#media.get(id);
  }

  /** Stores a copy, under an id of its own unless one is given. Throws `MediaRejection` for what Penpot refuses. */
  add(name: string, data: Uint8Array, mime: string, id = crypto.randomUUID() as MediaId): Media {
    if (!acceptedMimes.includes(mime))
      throw new MediaRejection("media-type-not-allowed", `${mime || "no type"} is none of ${acceptedMimes.join(", ")}`);
    if (data.length > PENPOT_MAX_MEDIA_BYTES)
      throw new MediaRejection(
        "media-max-file-size-reached",
        `${data.length} bytes are more than the ${PENPOT_MAX_MEDIA_BYTES} allowed`,
      );
    const header = readImageHeader(data);
    if (!header || header.width === 0 || header.height === 0)
      throw new MediaRejection("invalid-image", "the bytes are not a picture");
    if (header.mime !== mime)
      throw new MediaRejection("media-type-mismatch", `the bytes are ${header.mime}, not ${mime}`);
    const { width, height } = header;
    if (width > MAX_IMAGE_SIDE || height > MAX_IMAGE_SIDE || width * height > MAX_IMAGE_PIXELS)
      throw new MediaRejection("invalid-image", `${width} × ${height} pixels exceed the image library's limits`);
    const media = { id, name: name.slice(0, 250), mime: header.mime, width, height, bytes: new Uint8Array(data) };
    this.#media.set(id, media);
    return media;
  }
}
