import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

/** The text of a file in a pack's folder, or undefined when there is none. Throws `damaged-model`. */
export async function readPackText(folder: string, path: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, path), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    const reason = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw new OverpaintError(
      "damaged-model",
      `The model's file ${path} cannot be read${reason}.`,
      "Check that it is a file and that you may read it.",
      { cause: error },
    );
  }
}
