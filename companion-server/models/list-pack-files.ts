import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { borrowedPaths, readBorrowed } from "../../shared/diffusion/pack/borrowed-components.ts";
import { readPackText } from "./read-pack-text.ts";

export interface PackFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/**
 * The files of a pack in a fixed order, those it borrows from the pack beside it included; none for a folder that cannot be
 * read. Hidden files and documents take no part in drawing and are left out.
 */
export async function listPackFiles(folder: string): Promise<readonly PackFile[]> {
  const borrowed = readBorrowed(await readPackText(folder, "overpaint.json"));
  const places = [folder, ...(borrowed ? borrowedPaths(borrowed).map((path) => join(folder, path)) : [])];
  const paths = (await Promise.all(places.map(filesBelow))).flat().sort();
  return Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return { path, size, modified: mtimeMs };
    }),
  );
}

/** Every file in a folder and those within it; a file stands for itself, and what cannot be read for nothing. */
async function filesBelow(path: string): Promise<readonly string[]> {
  const isFile = await stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (isFile) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !/^\.|\.md$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Changes whenever a file of the pack is added, removed, replaced or rewritten. Reads no file's content. */
export async function packFingerprint(folder: string): Promise<string> {
  const files = await listPackFiles(folder);
  return files.map(({ path, size, modified }) => `${path} ${size} ${modified}`).join("\n");
}
