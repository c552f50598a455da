import { type HistoryEntry, MAX_THUMBNAIL_CHARACTERS } from "../../../shared/protocol/plugin/history.ts";
import type { Picture } from "../pictures/picture.ts";
import type { SandboxLink } from "../sandbox-link/sandbox-link.ts";
import type { EditJob, FinishedVariant } from "./edit-job.ts";

/** Longest side of a kept thumbnail, and how well it is encoded: small enough for a file that holds a hundred. */
const THUMBNAIL_SIDE = 72;
const THUMBNAIL_QUALITY = 0.6;

/** Keeps a job in the file it was made for. */
export type KeepHistory = (job: EditJob, variant: FinishedVariant) => Promise<void>;

/**
 * Keeps jobs in the file they were made for, so that everybody who opens it has them. To be called before a result is inserted: what
 * is written after it would be what the designer's next undo takes back. Resolves once the document has been asked.
 */
export function historyKeeper(sandbox: Pick<SandboxLink, "keepHistory">): KeepHistory {
  return async ({ id, createdAt }, { result, thumbnail }) => {
    const picture = await thumbnailUrl(thumbnail).catch(() => undefined);
    const entry: HistoryEntry = { id, at: createdAt, recipe: result.recipe, ...(picture && { thumbnail: picture }) };
    // A file that cannot be written to has no history; the insertion will say so.
    sandbox.keepHistory(entry).catch(() => {});
  };
}

/** A small picture as a data URL; undefined where it would be too long or the browser draws none. */
async function thumbnailUrl({ width, height, data }: Picture["thumbnail"]): Promise<string | undefined> {
  const scale = Math.min(1, THUMBNAIL_SIDE / Math.max(width, height));
  const bitmap = await createImageBitmap(new ImageData(new Uint8ClampedArray(data), width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const url = canvas.toDataURL("image/webp", THUMBNAIL_QUALITY);
  return url.length <= MAX_THUMBNAIL_CHARACTERS ? url : undefined;
}
