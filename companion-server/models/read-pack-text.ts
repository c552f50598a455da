import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The text of a file in a pack's folder, or undefined when there is none. */
export async function readPackText(folder: string, path: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, path), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw error;
  }
}
