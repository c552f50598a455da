import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** The ONNX graphs in a folder and those within it, relative to it, in alphabetical order; none for one that cannot be read. */
export async function listGraphs(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory() && /^[^.].*\.onnx$/i.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}
