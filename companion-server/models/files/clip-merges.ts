import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../../package-root.ts";

/** The text of CLIP's merges, which ships with the package. */
export function readClipMerges(): Promise<string> {
  return readFile(join(packageRoot, "models/clip-tokenizer/merges.txt"), "utf8");
}
