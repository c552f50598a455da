import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { packageRoot } from "../package-root.ts";

/** The text of CLIP's merges, which ships with the package. */
export async function readClipMerges(): Promise<string> {
  return gunzipSync(await readFile(join(packageRoot, "models/clip-tokenizer/merges.txt.gz"))).toString("utf8");
}
