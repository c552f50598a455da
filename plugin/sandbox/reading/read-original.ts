import type { ImageData } from "@penpot/plugin-types";
import { ORIGINAL_TIMEOUT_MS } from "../../../shared/protocol/plugin/timeouts.ts";
import { withTimeout } from "../panel/with-timeout.ts";
import { sniffMediaType } from "./media-type.ts";

export interface PictureFile {
  readonly bytes: Uint8Array;
  readonly mime: string;
}

/** The file of a fill as it was uploaded. Rejects with the reason where Penpot has none. */
export async function readOriginal(fill: ImageData | undefined): Promise<PictureFile> {
  if (typeof fill?.data !== "function") throw new Error("this Penpot does not hand out originals");
  const bytes = await withTimeout(fill.data(), ORIGINAL_TIMEOUT_MS, "reading the original");
  const mime = sniffMediaType(bytes);
  if (!mime) throw new Error(`the stored file (${fill.mtype ?? "unknown type"}) is not a PNG, JPEG, WebP or GIF`);
  return { bytes, mime };
}
