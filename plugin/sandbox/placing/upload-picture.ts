import type { ImageData, Penpot } from "@penpot/plugin-types";
import { PENPOT_MAX_MEDIA_BYTES } from "../../../shared/protocol/limits.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { ResultMime } from "../../../shared/protocol/plugin/messages.ts";
import { UPLOAD_TIMEOUT_MS } from "../../../shared/protocol/plugin/timeouts.ts";
import { formatBytes } from "../../../shared/protocol/text/format-bytes.ts";
import { withTimeout } from "../panel/with-timeout.ts";

export interface ResultFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mime: ResultMime;
}

/** Stores a result in the file's media. Throws `upload-rejected` with the size and the usual limit. */
export async function uploadPicture(penpot: Penpot, { name, bytes, mime }: ResultFile): Promise<ImageData> {
  try {
    const upload = penpot.uploadMediaData(pictureName(name), bytes, mime);
    return await withTimeout(upload, UPLOAD_TIMEOUT_MS, "the upload");
  } catch (cause) {
    const limit = formatBytes(PENPOT_MAX_MEDIA_BYTES);
    const isTooLarge = bytes.length > PENPOT_MAX_MEDIA_BYTES;
    throw new OverpaintError(
      "upload-rejected",
      `Penpot did not accept the picture of ${formatBytes(bytes.length)}: ${describeRejection(cause)}.`,
      isTooLarge
        ? `Penpot takes pictures up to ${limit} by default. Edit a smaller area, or have PENPOT_MEDIA_MAX_FILE_SIZE raised on your server.`
        : "Check the connection to Penpot and your right to edit this file, then insert it again.",
      { cause },
    );
  }
}

/** Penpot reads "/" in a name as a path, refuses blank ones, and names of more than 250 characters. */
export function pictureName(name: string): string {
  return name.replaceAll("/", "-").trim().slice(0, MAX_NAME_CHARACTERS) || "Overpaint layer";
}
const MAX_NAME_CHARACTERS = 250;

/** The name, with a number where another of the shapes has it already. */
export function distinctName(name: string, others: readonly { readonly name: string }[]): string {
  const taken = new Set(others.map((shape) => shape.name));
  const wanted = pictureName(name);
  let candidate = wanted;
  for (let number = 2; taken.has(candidate); number += 1) {
    const suffix = ` ${number}`;
    candidate = `${wanted.slice(0, MAX_NAME_CHARACTERS - suffix.length)}${suffix}`;
  }
  return candidate;
}

/** Penpot rejects with errors, with strings and with its own data, whose `code` is the telling part. */
function describeRejection(cause: unknown): string {
  if (typeof cause === "string") return cause;
  const { code, hint, message } = Object(cause) as Record<"code" | "hint" | "message", unknown>;
  return (
    ([code, hint, message].find((text) => typeof text === "string" && text !== "") as string | undefined) ??
    "no reason given"
  );
}
