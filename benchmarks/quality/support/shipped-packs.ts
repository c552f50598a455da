import { readdir } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** The names of the packs in a folder, in their order: folders with a `model_index.json`, whatever else lies beside them. */
export async function shippedPacks(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => basename(file) === "model_index.json")
    .map(dirname)
    .sort();
}
