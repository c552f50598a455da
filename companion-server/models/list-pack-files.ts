import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface PackFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/**
 * The files of a pack in a fixed order; none for a folder that cannot be read. Hidden files and documents take no part in
 * drawing and are left out.
 */
export async function listPackFiles(folder: string): Promise<readonly PackFile[]> {
  const entries: readonly Dirent[] = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !/^\.|\.md$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return { path, size, modified: mtimeMs };
    }),
  );
}
