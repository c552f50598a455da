import type { File, Penpot } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { type HistoryEntry, historyEntrySchema, MAX_HISTORY_ENTRIES } from "../../../shared/protocol/plugin/history.ts";
import { HISTORY_KEY_PREFIX, RECIPE_NAMESPACE } from "../../../shared/protocol/recipe.ts";

/** The file's finished jobs, newest first. Entries that this version cannot read are left out, and left alone. */
export function readHistory(penpot: Penpot): HistoryEntry[] {
  const file = openFile(penpot);
  return historyKeys(file)
    .flatMap((key) => parseEntry(file.getSharedPluginData(RECIPE_NAMESPACE, key)))
    .sort((a, b) => b.at - a.at);
}

/**
 * Adds an entry or replaces the one with its id; beyond the limit, the oldest go. Answers the way back to what was kept under
 * the id. Throws `placement-failed`.
 */
export function keepHistory(penpot: Penpot, entry: HistoryEntry): () => void {
  const file = openFile(penpot);
  const key = HISTORY_KEY_PREFIX + entry.id;
  const before = file.getSharedPluginData(RECIPE_NAMESPACE, key);
  write(file, key, JSON.stringify(entry));
  if (historyKeys(file).length > MAX_HISTORY_ENTRIES) {
    const oldest = readHistory(penpot).slice(MAX_HISTORY_ENTRIES);
    forgetHistory(
      penpot,
      oldest.map(({ id }) => id),
    );
  }
  return () => write(file, key, before);
}

/** Throws `placement-failed`. */
export function forgetHistory(penpot: Penpot, ids: readonly string[]): void {
  const file = openFile(penpot);
  for (const id of ids) write(file, HISTORY_KEY_PREFIX + id, "");
}

/** Penpot keeps the key of a text that was emptied. */
function historyKeys(file: File): string[] {
  return file
    .getSharedPluginDataKeys(RECIPE_NAMESPACE)
    .filter((key) => key.startsWith(HISTORY_KEY_PREFIX) && file.getSharedPluginData(RECIPE_NAMESPACE, key) !== "");
}

function parseEntry(text: string): HistoryEntry[] {
  try {
    const { data } = historyEntrySchema.safeParse(JSON.parse(text));
    return data === undefined ? [] : [data];
  } catch {
    return [];
  }
}

function write(file: File, key: string, value: string): void {
  try {
    file.setSharedPluginData(RECIPE_NAMESPACE, key, value);
  } catch (cause) {
    throw new OverpaintError(
      "placement-failed",
      `Penpot did not let the history be kept in the file: ${cause instanceof Error ? cause.message : String(cause)}.`,
      "Check that you may edit this file.",
      { cause },
    );
  }
}

function openFile(penpot: Penpot): File {
  if (penpot.currentFile) return penpot.currentFile;
  throw new OverpaintError("source-changed", "No file is open.", "Open a file in Penpot, then try again.");
}
