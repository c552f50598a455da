import type { ImageData, Penpot } from "@penpot/plugin-types";
import { PENPOT_MAX_MEDIA_BYTES } from "../../shared/protocol/limits.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** Stores the PNG in the file's media. Throws `upload-rejected` with the size and the usual limit. */
export async function uploadLayer(penpot: Penpot, name: string, png: Uint8Array): Promise<ImageData> {
  try {
    return await penpot.uploadMediaData(name, png, "image/png");
  } catch (cause) {
    const limit = formatBytes(PENPOT_MAX_MEDIA_BYTES);
    const isTooLarge = png.length > PENPOT_MAX_MEDIA_BYTES;
    throw new OverpaintError(
      "upload-rejected",
      `Penpot did not accept the layer of ${formatBytes(png.length)}: ${describeRejection(cause)}.`,
      isTooLarge
        ? `Penpot takes pictures up to ${limit} by default. Edit a smaller area, or have PENPOT_MEDIA_MAX_FILE_SIZE raised on your server.`
        : "Check the connection to Penpot and your right to edit this file, then insert it again.",
      { cause },
    );
  }
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

function formatBytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
