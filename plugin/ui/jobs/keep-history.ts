import { effect } from "@preact/signals";
import { type HistoryEntry, MAX_THUMBNAIL_CHARACTERS } from "../../../shared/protocol/plugin/history.ts";
import type { Picture } from "../pictures/picture.ts";
import type { SandboxLink } from "../sandbox-link/sandbox-link.ts";
import type { EditJob } from "./edit-job.ts";
import type { JobList } from "./job-list.ts";

/** Longest side of a kept thumbnail, and how well it is encoded: small enough for a file that holds a hundred. */
const THUMBNAIL_SIDE = 72;
const THUMBNAIL_QUALITY = 0.6;

/** Keeps finished jobs in the file they were made for, so that everybody who opens it has them, and where their results went. */
export function keepHistory(jobs: JobList, sandbox: Pick<SandboxLink, "keepHistory">): void {
  const kept = new Map<string, string>();
  effect(() => {
    for (const job of jobs.all.value) {
      const entry = entryOf(job);
      if (entry === undefined) continue;
      const words = `${entry.shapeId}`;
      if (kept.get(entry.id) === words) continue;
      kept.set(entry.id, words);
      void keep(entry, job, sandbox);
    }
  });
}

/** Of a job that is over and brought something; discarded ones were not wanted. */
function entryOf({ id, createdAt, state, variants, isDiscarded }: EditJob): HistoryEntry | undefined {
  if (state.value.type !== "done" || isDiscarded.value) return undefined;
  const placed = variants.value.find(({ placedAs }) => placedAs !== undefined);
  const shown = placed ?? variants.value[0];
  if (shown === undefined) return undefined;
  const shapeId = placed?.placedAs;
  return { id, at: createdAt, recipe: shown.result.recipe, ...(shapeId !== undefined && { shapeId }) };
}

async function keep(entry: HistoryEntry, job: EditJob, sandbox: Pick<SandboxLink, "keepHistory">): Promise<void> {
  const [first] = job.variants.peek();
  const thumbnail = first && (await thumbnailUrl(first.thumbnail));
  // A file that cannot be written to has no history; the results are there all the same.
  await sandbox.keepHistory({ ...entry, ...(thumbnail && { thumbnail }) }).catch(() => {});
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
