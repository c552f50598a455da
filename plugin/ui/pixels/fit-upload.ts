import { PENPOT_MAX_MEDIA_BYTES } from "../../../shared/protocol/limits.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { ResultMime } from "../../../shared/protocol/plugin/messages.ts";
import { formatBytes } from "../../../shared/protocol/text/format-bytes.ts";
import type { UploadFile } from "./pixel-tools.ts";

/** Encodes a picture's pixels again, all of them; undefined where the browser cannot write the kind. */
export type EncodePicture = (
  png: Uint8Array<ArrayBuffer>,
  mime: ResultMime,
  quality: number,
) => Promise<Uint8Array<ArrayBuffer> | undefined>;

/** WebP first: it keeps transparency. At these qualities nobody sees a difference at 100 %. */
const encodings = [
  { mime: "image/webp", name: "WebP", quality: 0.95 },
  { mime: "image/webp", name: "WebP", quality: 0.9 },
] as const;

/**
 * The result as a file that Penpot takes: the PNG itself or, where that is too large, the same pixels as WebP, which it
 * says. Never fewer pixels. Throws `upload-too-large` with the sizes when that does not help.
 */
export async function fitUpload(
  png: Uint8Array<ArrayBuffer>,
  encode: EncodePicture,
  maxBytes = PENPOT_MAX_MEDIA_BYTES,
): Promise<UploadFile> {
  if (png.length <= maxBytes) return { bytes: png, mime: "image/png" };
  let smallest = png.length;
  for (const { mime, name, quality } of encodings) {
    const bytes = await encode(png, mime, quality);
    if (bytes === undefined) break;
    smallest = Math.min(smallest, bytes.length);
    if (bytes.length > maxBytes) continue;
    const notice = `The PNG of ${formatBytes(png.length)} is larger than the ${formatBytes(maxBytes)} that Penpot takes. It was inserted as ${name} of ${formatBytes(bytes.length)}, every pixel kept.`;
    return { bytes, mime, notice };
  }
  throw new OverpaintError(
    "upload-too-large",
    `The result has ${formatBytes(png.length)}${smallest < png.length ? `, ${formatBytes(smallest)} as WebP` : ""}; Penpot takes ${formatBytes(maxBytes)}.`,
    "Choose a smaller size, or have PENPOT_MEDIA_MAX_FILE_SIZE raised on your server.",
  );
}
